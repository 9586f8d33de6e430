package dev.embryo.runtime.linux;

import java.io.UncheckedIOException;

/** The numbers of the calls that the runtime itself makes, on this machine. */
public final class CallNumber {
  private static final class Known {
    static final SystemCalls CALLS = load();

    private static SystemCalls load() {
      try {
        return Libseccomp.load().systemCalls();
      } catch (LibseccompException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private CallNumber() {}

  /**
   * The number of a call, asked of libseccomp once.
   *
   * @throws UncheckedIOException if libseccomp is missing, or too old to know the call
   */
  public static int of(String name) {
    try {
      return Known.CALLS.require(name);
    } catch (LibseccompException unknown) {
      throw new UncheckedIOException(unknown);
    }
  }
}
