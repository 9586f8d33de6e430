package dev.embryo.samples.model;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reasons for which an act might fail, all looked at. */
final class Reasons {
  private final Set<String> errnos = new TreeSet<>();

  /** If it is so, the act fails. */
  Reasons when(boolean so, String... errnos) {
    if (so) {
      this.errnos.addAll(List.of(errnos));
    }
    return this;
  }

  void check() throws Refused {
    if (!errnos.isEmpty()) {
      throw new Refused(errnos);
    }
  }
}
