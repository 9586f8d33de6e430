package dev.embryo.samples.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/** Makes files and policies about them, at random. */
final class PolicyGenerator {
  static final int MOST_GRANTS = 4;
  static final int FIRST_NUMBER = 3;
  private static final List<String> OF_FILES = List.of("read", "write", "append", "seek", "truncate", "sync", "stat", "metadata", "lock",
      "allocate", "map", "map-write", "map-execute", "poll", Acts.SET_FLAGS, Acts.NONBLOCKING, "duplicate");
  private static final List<String> OF_MEMORY = List.of("read", "write", "seek", "stat", "lock", "map", "map-write", "poll");
  private static final List<String> OF_TREES =
      List.of("list", "read", "write", "create", "delete", "rename", "link", "symlink", "metadata");
  private static final List<List<String>> SHORT = List.of(List.of("read"), List.of("write"), List.of("append"), List.of("all"),
      List.of("read", "write"), List.of("read", "duplicate"), List.of("write", "duplicate"), List.of("append", "seek"),
      List.of("read", "map"), List.of("read", "write", "map", "map-write"), List.of("read", "truncate"), List.of("read", "metadata"));
  private static final List<List<String>> OF_MEMORY_SHORT =
      List.of(List.of("all"), List.of("read"), List.of("read", "map"), List.of("read", "write", "map", "map-write"));
  private static final List<List<String>> SHORT_OF_TREES = List.of(List.of("all"), List.of("read"), List.of("read"),
      List.of("list"), List.of("list", "read", "write"), List.of("create", "delete", "rename"));

  private static final List<Integer> MODES = List.of(0600, 0644, 0400, 0200, 0755);

  private final Random random;
  private final String host;

  /** @param host where the directory of the test is */
  PolicyGenerator(Random random, String host) {
    this.random = random;
    this.host = host;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean once(int in) {
    return random.nextInt(in) == 0;
  }

  /** What lies in the directory of the test. */
  Node files() {
    Node top = Node.directory(0755);
    for (String name : List.of("a", "b", "outside")) {
      Node directory = top.add(name, Node.directory(0777));
      directory.add("note", Node.file(0666, "note of " + name));
      directory.add("other", Node.file(0644, ""));
      directory.add("kept", Node.file(pick(MODES), "kept in " + name));
      directory.add("secret", Node.file(0666, "secret of " + name));
      Node sub = directory.add("sub", Node.directory(0777));
      sub.add("inner", Node.file(0666, "inner of " + name));
      sub.add("deep", Node.directory(0777)).add("end", Node.file(0666, "end of " + name));
      directory.add("in-link", Node.link("note"));
      directory.add("up-link", Node.link("../outside/secret"));
      directory.add("out-link", Node.link(host + "/outside/secret"));
      directory.add("view-link", Node.link("/m0/note"));
      directory.add("folder-link", Node.link("sub"));
      directory.add("dangling", Node.link("new3"));
      directory.add("loop", Node.link("loop"));
    }
    for (String name : List.of("f0", "f1")) {
      top.add(name, Node.file(0666, "content of " + name));
    }
    if (once(6)) {
      top.at("b").add("hard", top.at(once(2) ? "f1" : "a/note"));
    }
    return top;
  }

  /** A policy, of which it is known whether it is refused; most are not. */
  Grants grants(Node files) {
    while (true) {
      boolean ownRoot = !once(4);
      boolean proc = ownRoot && once(3);
      var all = new ArrayList<Grant>();
      int count = 1 + random.nextInt(MOST_GRANTS);
      while (all.size() < count) {
        Grant grant = next(all, ownRoot, proc);
        if (Refusal.of(new Grants(List.of(grant), ownRoot, proc), files).isEmpty() || once(25)) {
          all.add(grant);
        }
      }
      var grants = new Grants(List.copyOf(all), ownRoot, proc);
      boolean twice = all.stream().flatMap(each -> each.mount().stream()).distinct().count()
          < all.stream().filter(each -> each.mount().isPresent()).count();
      if (!twice && (Refusal.of(grants, files).isEmpty() || once(6))) {
        return grants;
      }
    }
  }

  private Grant next(List<Grant> others, boolean ownRoot, boolean proc) {
    int i = others.size();
    boolean within = ownRoot && i > 0 && others.get(0).kind() == Grant.Kind.DIRECTORY && others.get(0).mount().isPresent()
        && others.get(0).path().length() == 1; // it has a directory 'sub'
    return i == 0 && proc && !once(3) ? descriptor(i, ownRoot) : grant(i, ownRoot, within && once(3));
  }

  private Grant grant(int i, boolean ownRoot, boolean nested) {
    boolean mounted = !once(3);
    switch (i == 0 && !once(4) ? MOST_GRANTS + 1 : random.nextInt(9)) {
      case 0, 1, 8 -> {
        return descriptor(i, ownRoot);
      }
      case 2 -> {
        return grant(i, Grant.Kind.FILE, pick(List.of("f0", "f1", "a/note")), pick(List.of(List.of("read"), List.of("write"),
            List.of("read", "write"), List.of("all"))), true, ownRoot, nested);
      }
      case 3 -> {
        return grant(i, Grant.Kind.MEMORY, "", rights(OF_MEMORY_SHORT, OF_MEMORY), false, ownRoot, nested);
      }
      case 4 -> {
        return grant(i, Grant.Kind.TMPFS, "", rights(SHORT_OF_TREES, OF_TREES), true, ownRoot, nested);
      }
      default -> {
        return grant(i, Grant.Kind.DIRECTORY, pick(List.of("a", "a", "b", "b", "a/sub", "b/sub")), rights(SHORT_OF_TREES, OF_TREES),
            mounted, ownRoot, nested);
      }
    }
  }

  private Grant descriptor(int i, boolean ownRoot) {
    return grant(i, Grant.Kind.FILE, pick(List.of("f0", "f1", "a/note", "a/sub/inner")), rights(SHORT, OF_FILES), false, ownRoot, false);
  }

  private Grant grant(int i, Grant.Kind kind, String path, List<String> words, boolean mounted, boolean ownRoot,
      boolean nested) {
    Optional<String> mount = !mounted ? Optional.empty()
        : Optional.of(!ownRoot ? host + "/" + path : nested && kind != Grant.Kind.FILE ? "/m0/sub" : "/m" + i);
    boolean both = mounted && kind == Grant.Kind.DIRECTORY && once(4);
    return new Grant("g" + i, kind, path, words, mount, mounted && !both ? OptionalInt.empty() : OptionalInt.of(FIRST_NUMBER + i));
  }

  private List<String> rights(List<List<String>> some, List<String> all) {
    if (once(3)) {
      return pick(some);
    }
    var words = new ArrayList<>(all);
    Collections.shuffle(words, random);
    return List.copyOf(words.subList(0, 1 + random.nextInt(words.size() - 2)));
  }
}
