package dev.embryo.samples.model;

import org.jspecify.annotations.Nullable;

/**
 * Something, and how it is reached.
 *
 * @param mount in which tree
 * @param directory where a name was found for it; null for what has no directory in the tree's file system
 */
record Place(Mount mount, Node node, @Nullable Node directory) {
  /** The root of a tree. */
  static Place rootOf(Mount mount) {
    return new Place(mount, mount.root, mount.root.parent);
  }
}
