package dev.embryo.samples.model;

import java.util.Set;

/**
 * What an act ends in.
 *
 * @param errnos one of them; empty if it works
 * @param found what it finds, if it works; {@code ?} for anything
 */
record Prediction(Set<String> errnos, String found) {
  static final String ANYTHING = "?";

  static Prediction works(String found) {
    return new Prediction(Set.of(), found);
  }

  /** Whether an answer is what was predicted. */
  boolean fits(String answer) {
    if (!errnos.isEmpty()) {
      return errnos.contains(answer);
    }
    return found.equals(ANYTHING) ? answer.equals("ok") || answer.startsWith("ok ") : answer.equals(toString());
  }

  @Override
  public String toString() {
    return !errnos.isEmpty() ? String.join(" or ", errnos) : found.isEmpty() ? "ok" : "ok " + found;
  }
}
