package dev.embryo.launcher;

import java.io.IOException;

/** A program was killed by who waited for it: its time was up, or it wrote more than may be collected. */
public final class CutShortException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** It had not ended when the caller's timeout was over. */
    TIMEOUT,
    /** It wrote more than the limit of {@link Stdio#collect}. */
    OUTPUT_LIMIT
  }

  private final Reason reason;
  private final transient Completed completed;

  CutShortException(Reason reason, String message, Completed completed) {
    super(message);
    this.reason = reason;
    this.completed = completed;
  }

  /** Why it was killed. */
  public Reason reason() {
    return reason;
  }

  /** What was collected until then, and the status of a program that was killed. */
  public Completed completed() {
    return completed;
  }
}
