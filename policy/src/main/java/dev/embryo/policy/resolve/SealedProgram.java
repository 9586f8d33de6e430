package dev.embryo.policy.resolve;

import dev.embryo.runtime.fd.Fd;

/**
 * A copy of a program in memory, which nobody can change any more, and whose digest was checked. It is what a pinned program
 * is executed from, so that it does not matter what becomes of the file.
 *
 * <p>Thread-safe. The copy lasts as long as this object is reachable; the descriptor must not be closed.
 */
public final class SealedProgram {
  private final String digest;
  private final Fd descriptor;

  SealedProgram(String digest, Fd descriptor) {
    this.digest = digest;
    this.descriptor = descriptor;
  }

  /** The SHA-256 digest of the copy: 64 hexadecimal digits, in lower case. */
  public String digest() {
    return digest;
  }

  /** A descriptor of the copy. */
  public Fd descriptor() {
    return descriptor;
  }
}
