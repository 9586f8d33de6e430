package dev.embryo.policy.model;

/**
 * What the program may do to have more than one thread of execution.
 *
 * @param threads whether it may start threads; true unless written
 * @param spawn whether it may fork; false unless written
 * @param execute what it may execute once it runs; {@code NONE} unless written
 */
public record Processes(boolean threads, boolean spawn, Execute execute) {

  /** What the program may execute once it runs. */
  public enum Execute {
    /** Nothing. */
    NONE
  }
}
