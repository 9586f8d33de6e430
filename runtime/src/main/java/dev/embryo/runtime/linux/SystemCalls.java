package dev.embryo.runtime.linux;

import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The numbers and names of this machine's system calls, for places that cannot do without.
 *
 * <p>Safe for use by several threads. {@link SystemCallTable} is the same without assumptions.
 */
public final class SystemCalls {
  private SystemCalls() {}

  /**
   * The number of a call that every machine that Embryo runs on has.
   *
   * @throws UncheckedIOException if libseccomp cannot be loaded, which {@link Libseccomp#load} says
   *     as a checked exception to whoever asks first
   * @throws IllegalArgumentException if the library does not know the call
   */
  public static int number(String name) {
    OptionalInt number = table().number(name);
    if (number.isEmpty()) {
      throw new IllegalArgumentException("libseccomp knows no system call '" + name + "'");
    }
    return number.getAsInt();
  }

  /** The number of a call; empty if libseccomp does not know it. */
  public static OptionalInt find(String name) {
    return table().number(name);
  }

  /** The name of a call number; empty if libseccomp knows none. */
  public static Optional<String> name(int number) {
    return table().name(number);
  }

  /** All of them. */
  public static SystemCallTable table() {
    try {
      return Libseccomp.load().systemCalls();
    } catch (LibseccompException e) {
      throw new UncheckedIOException(e);
    }
  }
}
