package dev.embryo.policy.resolve;

import java.io.IOException;

/** A path of the host that leads nowhere; the message names the path and the component that is to blame. */
final class HostPathException extends IOException {
  private static final long serialVersionUID = 1L;

  enum Reason {
    /** A component does not exist. */
    MISSING,
    /** A component that should lead on is no directory. */
    NOT_A_DIRECTORY,
    /** Too many symbolic links. */
    LOOP,
    /** A component may not be looked at. */
    DENIED,
    /** A name that cannot be used at all. */
    UNUSABLE
  }

  private final Reason reason;

  HostPathException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
