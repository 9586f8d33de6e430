package dev.embryo.samples.model;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** An act fails, for one of several reasons: the model does not know in which order the kernel looks. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Set<String> errnos;

  Refused(Set<String> errnos) {
    super(String.join(" or ", errnos), null, false, false);
    this.errnos = errnos;
  }

  Refused(String... errnos) {
    this(new TreeSet<>(Arrays.asList(errnos)));
  }

  Set<String> errnos() {
    return errnos;
  }
}
