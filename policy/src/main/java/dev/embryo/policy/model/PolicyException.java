package dev.embryo.policy.model;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A policy that cannot be used, with every reason that was found.
 *
 * <p>The message is what a person is shown: the {@linkplain #problems() problems} in the order of the text, one a
 * line. Safe for use by many threads.
 */
public final class PolicyException extends IOException {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // an unmodifiable list of records; exceptions are not sent anywhere
  private final List<Problem> problems;

  /**
   * Makes an exception of the given problems.
   *
   * @param problems what is wrong, at least one, in the order in which it shall be read
   */
  public PolicyException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /**
   * Makes an exception of one problem.
   *
   * @param position the place to look at
   * @param message what is wrong there
   */
  public PolicyException(Position position, String message) {
    this(List.of(new Problem(position, message)));
  }

  /** All that is wrong, in the order of the text; never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
