package dev.embryo.runtime.process;

/**
 * How a sandbox is supervised whose filter asks the launcher.
 *
 * @param judge answers the calls that the filter refuses
 * @param oneExec whether the filter asks about execveat too: then the one exec of the birth passes, and no other
 */
public record Supervision(Judge judge, boolean oneExec) {}
