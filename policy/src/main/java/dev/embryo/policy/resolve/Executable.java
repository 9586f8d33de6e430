package dev.embryo.policy.resolve;

/**
 * Something in the view that may be executed.
 *
 * @param path where it is in the private root, without symbolic links
 * @param directory whether it is a directory, in which everything may be executed
 */
public record Executable(String path, boolean directory) {}
