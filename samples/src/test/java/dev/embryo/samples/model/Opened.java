package dev.embryo.samples.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the program finds at a number. */
final class Opened {
  final Grant grant;
  final Node node;
  /** Of a directory, its root. */
  final @Nullable Place tree;
  int offset;

  Opened(Grant grant, Node node) {
    this.grant = grant;
    this.node = node;
    tree = grant.isTree() ? View.detached(grant, node) : null;
  }

  /** @param right or several with bars between them, of which one is enough */
  void demand(String right) throws Refused {
    if (grant.isExact() && Arrays.stream(right.split("\\|")).noneMatch(grant::has)) {
      throw new Refused("EPERM");
    }
  }
}
