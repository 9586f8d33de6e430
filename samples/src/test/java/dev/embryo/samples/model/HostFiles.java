package dev.embryo.samples.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of a model on the host, and what has become of them. */
final class HostFiles {
  private static final FileTime BY_ACTS = FileTime.fromMillis(1_000_000_000);

  private final Path directory;
  private final Optional<Integer> owner;
  private final Map<Node, Path> made = new IdentityHashMap<>();

  /** @param owner whom they are given to, if not to who makes them */
  HostFiles(Path directory, Optional<Integer> owner) {
    this.directory = directory;
    this.owner = owner;
  }

  void make(Node node) throws IOException {
    Files.createDirectory(directory);
    fill(directory, node);
  }

  private void fill(Path path, Node node) throws IOException {
    for (var entry : node.entries.entrySet()) {
      Path at = path.resolve(entry.getKey());
      Node child = entry.getValue();
      Path already = made.put(child, at);
      if (already != null) {
        Files.createLink(at, already);
      } else if (child.isLink()) {
        own(Files.createSymbolicLink(at, Path.of(child.content)));
      } else if (child.isDirectory()) {
        Files.createDirectory(at);
        fill(at, child);
      } else {
        Files.writeString(at, child.content);
        give(at, child.mode);
      }
    }
    give(path, node.mode);
  }

  private void give(Path path, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode);
    own(path);
  }

  private void own(Path path) throws IOException {
    if (owner.isPresent()) {
      Files.setAttribute(path, "unix:uid", owner.get(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** What there is, a line each; opens all of it, so that it can be removed. */
  List<String> read() throws IOException {
    var lines = new ArrayList<String>();
    read(directory, "", lines);
    return lines;
  }

  private static void read(Path path, String name, List<String> lines) throws IOException {
    var attributes = Files.readAttributes(path, "unix:mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    int mode = (int) attributes.get("mode") & 07777;
    boolean touched = attributes.get("lastModifiedTime").equals(BY_ACTS);
    if (Files.isSymbolicLink(path)) {
      lines.add(line(name, "link", Files.readSymbolicLink(path).toString(), false));
    } else if (Files.isDirectory(path)) {
      lines.add(line(name, "directory %04o".formatted(mode), "", touched));
      Files.setAttribute(path, "unix:mode", 0700);
      try (Stream<Path> children = Files.list(path)) {
        for (Path child : children.sorted().toList()) {
          read(child, name + "/" + child.getFileName(), lines);
        }
      }
    } else {
      Files.setAttribute(path, "unix:mode", 0600);
      String content = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).replace('\0', '0');
      Files.setAttribute(path, "unix:mode", mode); // which its other names have, too
      lines.add(line(name, "file %04o".formatted(mode), content, touched));
    }
  }

  /** Removes what {@link #read} has opened. */
  void remove() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** What there should be. */
  static List<String> expected(Node node) {
    var lines = new ArrayList<String>();
    expect(node, "", lines);
    return lines;
  }

  private static void expect(Node node, String name, List<String> lines) {
    String kind = node.isLink() ? "link" : (node.isFile() ? "file" : "directory") + " %04o".formatted(node.mode & 07777);
    lines.add(line(name, kind, node.content, node.touched));
    node.entries.forEach((child, each) -> expect(each, name + "/" + child, lines));
  }

  private static String line(String name, String kind, String content, boolean touched) {
    return (name.isEmpty() ? "." : name.substring(1)) + ": " + kind + " '" + content + "'" + (touched ? " touched" : "");
  }
}
