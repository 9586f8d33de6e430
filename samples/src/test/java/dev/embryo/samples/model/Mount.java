package dev.embryo.samples.model;

import org.jspecify.annotations.Nullable;

/**
 * A tree that is seen somewhere. Compared by identity.
 */
final class Mount {
  final Node root;
  final boolean readOnly;
  /** What it covers; null for the root of a view, and for the tree of a descriptor. */
  final @Nullable Place at;

  Mount(Node root, boolean readOnly, @Nullable Place at) {
    this.root = root;
    this.readOnly = readOnly;
    this.at = at;
  }
}
