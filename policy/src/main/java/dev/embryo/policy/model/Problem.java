package dev.embryo.policy.model;

/**
 * One thing that is wrong with a policy, and where.
 *
 * @param position the place to look at
 * @param key the full path of the key that it is about, such as {@code limits.memory}; empty if it is about the text as a
 *         whole. An unknown key belongs to the section that it stands in
 * @param message what is wrong and what to write instead; begins with the path of the key ({@code limits.memory:})
 *         where there is one; printable characters only
 * @param kind what it is about, for those who act on it without reading
 */
public record Problem(Position position, String key, String message, Kind kind) {

  /** What a problem is about. */
  public enum Kind {
    /** What the policy says, or something that it names other than its program. */
    POLICY,
    /** There is no file at the path of the program. */
    PROGRAM_NOT_FOUND,
    /** The program is there, and cannot be executed here: no permission, no such format, or something it needs is missing. */
    PROGRAM_NOT_EXECUTABLE
  }

  /** A problem of the kind {@link Kind#POLICY}, with the text as a whole. */
  public Problem(Position position, String message) {
    this(position, "", message, Kind.POLICY);
  }

  /** A problem of the kind {@link Kind#POLICY} with a key, which its message names first. */
  public static Problem with(String key, Position position, String what) {
    return with(key, position, what, Kind.POLICY);
  }

  /** A problem with a key, which its message names first. */
  public static Problem with(String key, Position position, String what, Kind kind) {
    return new Problem(position, key, key + ": " + what, kind);
  }

  /** {@code FILE:LINE:COLUMN: message}. */
  @Override
  public String toString() {
    return position + ": " + message;
  }
}
