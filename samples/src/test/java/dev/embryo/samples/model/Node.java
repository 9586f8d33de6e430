package dev.embryo.samples.model;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file, a directory or a symbolic link, as the model has it. Compared by identity: a file may have several names. */
final class Node {
  enum Kind {
    FILE, DIRECTORY, LINK
  }

  /** Without the kind, which stands in the same word. */
  private static final int PERMISSIONS = 07777;

  final Kind kind;
  /** Names in a directory. */
  final Map<String, Node> entries = new TreeMap<>();
  /** What is in a file, with {@code 0} for each byte that is zero, or the target of a link. */
  String content;
  int mode;
  /** Whether its times are those that acts set. */
  boolean touched;
  /** Whether it belongs to the user that the program is. */
  boolean owned = true;
  /** Whether it is a directory without a name. */
  boolean removed;
  /** The directory of a directory. */
  @Nullable Node parent;
  /** Whether it is no file of the test's: it can be looked at, and that is all that is known of it. */
  private final boolean foreign;

  private Node(Kind kind, int mode, String content, boolean foreign) {
    this.kind = kind;
    this.mode = mode;
    this.content = content;
    this.foreign = foreign;
  }

  static Node file(int mode, String content) {
    return new Node(Kind.FILE, mode, content, false);
  }

  static Node directory(int mode) {
    return new Node(Kind.DIRECTORY, mode, "", false);
  }

  static Node link(String target) {
    return new Node(Kind.LINK, 0777, target, false);
  }

  static Node foreign(Kind kind) {
    return new Node(kind, 0755, "", true);
  }

  boolean isFile() {
    return kind == Kind.FILE;
  }

  boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  boolean isLink() {
    return kind == Kind.LINK;
  }

  boolean isForeign() {
    return foreign;
  }

  /** Whether the owner's permissions, which are the program's, have these bits. */
  boolean permits(int bits) {
    return foreign || (mode & bits) == bits;
  }

  /** Gives something a name in this directory. */
  Node add(String name, Node node) {
    entries.put(name, node);
    if (node.isDirectory()) {
      node.parent = this;
    }
    touched = false;
    return node;
  }

  /** Takes a name from something in this directory. */
  Node take(String name) {
    touched = false;
    return entries.remove(name);
  }

  /** What has a path beneath this directory, links not followed. */
  Node at(String path) {
    return find(path).orElseThrow(() -> new IllegalArgumentException(path));
  }

  Optional<Node> find(String path) {
    Node node = this;
    for (String name : path.split("/")) {
      node = node == null ? null : node.entries.get(name);
    }
    return Optional.ofNullable(node);
  }

  /** Whether it is a directory or lies in it. */
  boolean isWithin(Node directory) {
    for (Node node = this; node != null; node = node.parent) {
      if (node == directory) {
        return true;
      }
    }
    return false;
  }

  /** Changes some of a file's content, which grows as need be. */
  void write(int offset, String text) {
    var bytes = new StringBuilder(content);
    while (bytes.length() < offset + text.length()) {
      bytes.append('0');
    }
    content = bytes.replace(offset, offset + text.length(), text).toString();
    touched = false;
  }

  void resize(int size) {
    content = size <= content.length() ? content.substring(0, size) : content + "0".repeat(size - content.length());
    touched = false;
  }

  /** What stat(2) tells. */
  String status() {
    int permissions = mode & PERMISSIONS;
    return switch (kind) {
      case FILE -> "file %04o %d".formatted(permissions, content.length());
      case DIRECTORY -> "directory %04o".formatted(permissions);
      case LINK -> "link";
    };
  }
}
