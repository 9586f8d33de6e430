package dev.embryo.policy.resolve;

import java.io.IOException;

/** A program that cannot be started on this host; the message names the file and what it lacks. */
final class ProgramException extends IOException {
  private static final long serialVersionUID = 1L;

  ProgramException(String message) {
    super(message);
  }
}
