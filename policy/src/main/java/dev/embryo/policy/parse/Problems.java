package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The errors found so far in one policy, and the keys that they spoil. */
final class Problems {

  /** More than these help nobody, and a hostile text could have a million. */
  private static final int MOST = 100;

  private final List<Problem> found = new ArrayList<>();
  private final Set<String> spoilt = new HashSet<>();
  private int omitted;

  /** Notes what is wrong with a key, and says so. */
  void at(String path, Position position, String message) {
    spoil(path, position, path.isEmpty() ? message : Printable.escape(path) + ": " + message);
  }

  /** Notes what is wrong with a key, in words that name it themselves. */
  void spoil(String path, Position position, String message) {
    if (found.size() == MOST) {
      omitted++;
      return;
    }
    found.add(new Problem(position, Printable.escape(path), message, Problem.Kind.POLICY));
    for (int dot = path.length(); dot >= 0; dot = path.lastIndexOf('.', dot - 1)) {
      spoilt.add(path.substring(0, dot));
    }
  }

  /** Whether no more of them are kept, so that their words need not be found. */
  boolean areMany() {
    return found.size() == MOST;
  }

  /** Whether an error was found at the key or beneath it. What depends on its value is then not worth checking. */
  boolean touch(String path) {
    return spoilt.contains(path);
  }

  /** Ends the parsing if there is an error. */
  void throwIfAny() throws PolicyException {
    if (!found.isEmpty()) {
      throw exception();
    }
  }

  /** All errors, in the order of the text. */
  PolicyException exception() {
    List<Problem> ordered = new ArrayList<>(found);
    ordered.sort(Comparator.comparing(Problem::position));
    if (omitted > 0) {
      Position last = ordered.get(ordered.size() - 1).position();
      ordered.add(new Problem(last, "and " + omitted + " more errors"));
    }
    return new PolicyException(ordered);
  }
}
