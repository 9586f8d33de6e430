package dev.embryo.policy.model;

/**
 * One thing that is wrong with a policy, and where.
 *
 * @param position the place to look at
 * @param message what is wrong and what to write instead; begins with the path of the key ({@code limits.memory:})
 *         where there is one; printable characters only
 */
public record Problem(Position position, String message) {

  /** {@code FILE:LINE:COLUMN: message}. */
  @Override
  public String toString() {
    return position + ": " + message;
  }
}
