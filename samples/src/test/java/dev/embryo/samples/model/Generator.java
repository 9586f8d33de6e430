package dev.embryo.samples.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;

/** Makes files, policies about them, and acts, at random. */
final class Generator {
  private static final int MOST_GRANTS = 4;
  private static final int FIRST_NUMBER = 3;
  private static final List<String> OF_FILES = List.of("read", "write", "append", "seek", "truncate", "sync", "stat", "metadata", "lock",
      "allocate", "map", "map-write", "map-execute", "poll", Acts.SET_FLAGS, Acts.NONBLOCKING, "duplicate");
  private static final List<String> OF_MEMORY = List.of("read", "write", "seek", "stat", "lock", "map", "map-write", "poll");
  private static final List<String> OF_TREES =
      List.of("list", "read", "write", "create", "delete", "rename", "link", "symlink", "metadata");
  private static final List<List<String>> SHORT = List.of(List.of("read"), List.of("write"), List.of("append"), List.of("all"),
      List.of("read", "write"), List.of("read", "duplicate"), List.of("write", "duplicate"));
  private static final List<List<String>> SHORT_OF_TREES = List.of(List.of("all"), List.of("read"), List.of("read"),
      List.of("list"), List.of("list", "read", "write"), List.of("create", "delete", "rename"));

  private static final List<String> NAMES = List.of("note", "note", "other", "kept", "sub", "sub/inner", "sub/inner", "sub/deep",
      "sub/deep/end", "in-link", "up-link", "out-link", "view-link", "folder-link", "folder-link/inner", "dangling", "loop", "new1",
      "new2", "new3", "sub/new1", "sub/new2", "new1/new2", "hard", ".", "..", "../x", "../note", "sub/..", "sub/../note",
      "sub/../../outside/secret", "../outside/secret", "../a/note", "note/x", "nothing/x", "../../../../etc/passwd");
  private static final List<String> MODES = List.of("0600", "0644", "0400", "0200", "0755", "0700", "0500", "04755", "02700", "0666");

  private final Random random;
  private final String host;

  /** @param host where the directory of the test is */
  Generator(Random random, String host) {
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
      directory.add("kept", Node.file(Integer.decode(pick(MODES)) & 0777, "kept in " + name));
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
      var all = new ArrayList<Grant>();
      int count = 1 + random.nextInt(MOST_GRANTS);
      for (int i = 0; i < count; i++) {
        boolean within = ownRoot && i > 0 && all.get(0).kind() == Grant.Kind.DIRECTORY && all.get(0).mount().isPresent();
        all.add(grant(i, ownRoot, within && all.get(0).path().length() == 1 && once(3)));
      }
      var grants = new Grants(List.copyOf(all), ownRoot);
      boolean twice = all.stream().flatMap(each -> each.mount().stream()).distinct().count()
          < all.stream().filter(each -> each.mount().isPresent()).count();
      if (!twice && (Refusal.of(grants, files).isEmpty() || once(40))) {
        return grants;
      }
    }
  }

  private Grant grant(int i, boolean ownRoot, boolean nested) {
    boolean inherited = once(3);
    switch (random.nextInt(7)) {
      case 0, 1 -> {
        return grant(i, Grant.Kind.FILE, pick(List.of("f0", "f1", "a/note", "a/sub/inner")), rights(SHORT, OF_FILES), false, ownRoot, nested);
      }
      case 2 -> {
        return grant(i, Grant.Kind.FILE, pick(List.of("f0", "f1", "a/note")), pick(List.of(List.of("read"), List.of("write"),
            List.of("read", "write"), List.of("all"))), true, ownRoot, nested);
      }
      case 3 -> {
        return grant(i, Grant.Kind.MEMORY, "", rights(SHORT.subList(0, 2), OF_MEMORY), false, ownRoot, nested);
      }
      case 4 -> {
        return grant(i, Grant.Kind.TMPFS, "", rights(SHORT_OF_TREES, OF_TREES), true, ownRoot, nested);
      }
      default -> {
        return grant(i, Grant.Kind.DIRECTORY, pick(List.of("a", "a", "b", "b", "a/sub", "b/sub")), rights(SHORT_OF_TREES, OF_TREES),
            !inherited, ownRoot, nested);
      }
    }
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
    java.util.Collections.shuffle(words, random);
    return List.copyOf(words.subList(0, 1 + random.nextInt(Math.min(words.size(), 6))));
  }

  /** Something to do, mostly with what is granted. */
  Act act(Grants grants) {
    if (once(3)) {
      return withDescriptor(grants);
    }
    String at = "cwd";
    var trees = grants.all().stream().filter(each -> each.number().isPresent() && (each.isTree() || once(6))).toList();
    boolean byDescriptor = !trees.isEmpty() && !once(3);
    if (byDescriptor) {
      at = Integer.toString(pick(trees).number().getAsInt());
    }
    String path = path(grants, byDescriptor);
    String other = path(grants, byDescriptor);
    String text = "t" + random.nextInt(1000);
    return switch (random.nextInt(26)) {
      case 0, 1 -> Act.of("read", at, path);
      case 2, 3 -> Act.of("write", at, path, text);
      case 4 -> Act.of("append", at, path, text);
      case 5 -> Act.of("both", at, path);
      case 6 -> Act.of("empty", at, path);
      case 7 -> Act.of("cut", "cwd", path, random.nextInt(20));
      case 8, 9 -> Act.of("create", at, path);
      case 10 -> Act.of("ensure", at, path);
      case 11 -> Act.of("mkdir", at, path);
      case 12 -> Act.of("symlink", at, path, other);
      case 13 -> Act.of("link", at, path, other);
      case 14, 15 -> Act.of("unlink", at, path);
      case 16 -> Act.of("rmdir", at, path);
      case 17, 18 -> Act.of("rename", at, path, other, random.nextInt(2));
      case 19 -> Act.of("mode", at, path, pick(MODES), random.nextInt(2));
      case 20 -> Act.of("touch", at, path);
      case 21 -> Act.of(once(2) ? "look" : "look-at", at, path);
      case 22 -> Act.of("target", at, path);
      case 23, 24 -> Act.of("list", at, path);
      default -> Act.of("go", "cwd", path);
    };
  }

  private String path(Grants grants, boolean relative) {
    if (relative && !once(8)) {
      return pick(NAMES);
    }
    var mounts = grants.all().stream().flatMap(each -> each.mount().stream()).toList();
    return switch (mounts.isEmpty() ? random.nextInt(3) : random.nextInt(12)) {
      case 0 -> pick(List.of("/", "/nothing", "/m0", "/new1", host + "/a/note", host + "/outside", host + "/f1", host + "/b/note"));
      case 1 -> host + "/outside/" + pick(NAMES);
      case 2 -> pick(NAMES);
      case 3 -> pick(mounts);
      default -> pick(mounts) + "/" + pick(NAMES);
    };
  }

  private Act withDescriptor(Grants grants) {
    var numbers = IntStream.range(FIRST_NUMBER, FIRST_NUMBER + MOST_GRANTS + 1).boxed()
        .filter(number -> once(10) || grants.any(each -> each.number().equals(OptionalInt.of(number)))).toList();
    if (numbers.isEmpty()) {
      return Act.of("ready", FIRST_NUMBER);
    }
    int number = pick(numbers);
    boolean tree = grants.any(each -> each.number().equals(OptionalInt.of(number)) && each.isTree());
    String name = pick(tree ? List.of("enter", "enter", "fmode", "ftouch", "dup", "fstat", "lock", "ready") : Acts.withDescriptor());
    return switch (name) {
      case "fread" -> Act.of(name, number, random.nextInt(10));
      case "fpread" -> Act.of(name, number, random.nextInt(10), random.nextInt(20));
      case "fwrite" -> Act.of(name, number, "w" + random.nextInt(1000));
      case "fpwrite" -> Act.of(name, number, "p" + random.nextInt(1000), random.nextInt(20));
      case "fseek", "fcut", "fcut-another" -> Act.of(name, number, random.nextInt(20));
      case "fallocate" -> Act.of(name, number, 1 + random.nextInt(30));
      case "fmode" -> Act.of(name, number, pick(MODES));
      case "fstat", "sync" -> Act.of(name, number, random.nextInt(2));
      case "dup" -> Act.of(name, number, random.nextInt(3));
      default -> Act.of(name, number);
    };
  }
}
