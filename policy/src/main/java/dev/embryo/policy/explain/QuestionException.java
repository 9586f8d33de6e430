package dev.embryo.policy.explain;

/** A question about a system call that cannot be understood; the message says which word of it, and why. */
public final class QuestionException extends Exception {
  private static final long serialVersionUID = 1L;

  QuestionException(String message) {
    super(message);
  }
}
