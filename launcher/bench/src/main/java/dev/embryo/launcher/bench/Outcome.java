package dev.embryo.launcher.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What measuring a row gave.
 *
 * @param figures the figures by name, in the order in which they are shown; times in microseconds
 * @param ratio ours against theirs, absent where there is nothing to compare
 * @param failed true if a check failed; a time never fails
 * @param note what a person should know besides, or why there are no figures; may be empty
 */
record Outcome(Map<String, Double> figures, OptionalDouble ratio, boolean failed, String note) {
  private static final String OURS = "ours p50";

  /** Nothing was measured, and why. */
  static Outcome skipped(String reason) {
    return new Outcome(Map.of(), OptionalDouble.empty(), false, "skipped: " + reason);
  }

  /** The check failed, or what was to be measured did. */
  static Outcome failed(String reason) {
    return new Outcome(Map.of(), OptionalDouble.empty(), true, "failed: " + reason);
  }

  /** Our times, where there are no others. */
  static Outcome measured(Times ours) {
    var figures = new LinkedHashMap<String, Double>();
    figures.put(OURS, ours.median());
    figures.put("ours p90", ours.quantile(0.9));
    return new Outcome(figures, OptionalDouble.empty(), false, "");
  }

  /** Two subjects' times, or rates, compared by their medians. */
  static Outcome compared(Times ours, Times theirs, String note) {
    var figures = new LinkedHashMap<String, Double>();
    figures.put(OURS, ours.median());
    figures.put("ours p90", ours.quantile(0.9));
    figures.put("theirs p50", theirs.median());
    figures.put("theirs p90", theirs.quantile(0.9));
    return new Outcome(figures, OptionalDouble.of(ours.median() / theirs.median()), false, note);
  }

  /** The same, and what a person should know besides. */
  Outcome with(String words) {
    return new Outcome(figures, ratio, failed, words);
  }

  /** What has to reach: the ratio or, without one, our median; absent where neither was measured. */
  OptionalDouble figure() {
    Double ours = figures.get(OURS);
    return ratio.isPresent() || ours == null ? ratio : OptionalDouble.of(ours);
  }
}
