package dev.embryo.policy.resolve;

import java.io.IOException;

/** A program that cannot be started on this host; the message names the file and what it lacks. */
final class ProgramException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String key;

  ProgramException(String message) {
    this("program.path", message);
  }

  /**
   * A program that cannot be started because of what another key says of it.
   *
   * @param key the key to point at, where the program is the policy's own
   */
  ProgramException(String key, String message) {
    super(message);
    this.key = key;
  }

  String key() {
    return key;
  }
}
