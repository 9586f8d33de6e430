package dev.embryo.policy.model;

/**
 * One thing that is wrong with a policy, and where.
 *
 * @param position the place to look at
 * @param message what is wrong and what to write instead; begins with the path of the key ({@code limits.memory:})
 *         where there is one; printable characters only
 * @param kind what it is about, for those who act on it without reading
 */
public record Problem(Position position, String message, Kind kind) {

  /** What a problem is about. */
  public enum Kind {
    /** What the policy says, or something that it names other than its program. */
    POLICY,
    /** There is no file at the path of the program. */
    PROGRAM_NOT_FOUND,
    /** The program is there, and cannot be executed here: no permission, no such format, or something it needs is missing. */
    PROGRAM_NOT_EXECUTABLE
  }

  /** A problem of the kind {@link Kind#POLICY}. */
  public Problem(Position position, String message) {
    this(position, message, Kind.POLICY);
  }

  /** {@code FILE:LINE:COLUMN: message}. */
  @Override
  public String toString() {
    return position + ": " + message;
  }
}
