package dev.embryo.samples.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes acts at random, mostly with what is granted and there. */
final class ActGenerator {
  private static final List<String> ODD = List.of("in-link", "up-link", "out-link", "view-link", "folder-link", "folder-link/inner",
      "dangling", "loop", ".", "..", "../x", "../note", "sub/..", "sub/../note", "sub/../../outside/secret", "../outside/secret",
      "../a/note", "note/x", "nothing/x", "nothing", "hard", "kept", "../../../../etc/passwd");
  private static final List<String> NEW = List.of("new1", "new2", "new3");
  private static final List<String> MODES = List.of("0600", "0644", "0400", "0200", "0755", "0700", "0500", "04755", "02700", "0666");

  private final Random random;
  private final String host;
  private final Grants grants;
  private final Function<Grant, Node> nodes;

  /**
   * @param host where the directory of the test is
   * @param nodes what a grant is about
   */
  ActGenerator(Random random, String host, Grants grants, Function<Grant, Node> nodes) {
    this.random = random;
    this.host = host;
    this.grants = grants;
    this.nodes = nodes;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean once(int in) {
    return random.nextInt(in) == 0;
  }

  Act act() {
    var numbers = IntStream.range(0, PolicyGenerator.MOST_GRANTS + 1).map(i -> PolicyGenerator.FIRST_NUMBER + i).boxed()
        .filter(number -> once(60) || find(number, grant -> true)).toList();
    return numbers.isEmpty() || !once(3) ? withPath() : withDescriptor(pick(numbers));
  }

  private boolean find(int number, Predicate<Grant> predicate) {
    return grants.any(grant -> grant.number().isPresent() && grant.number().getAsInt() == number && predicate.test(grant));
  }

  private Act withPath() {
    var trees = grants.all().stream().filter(grant -> grant.number().isPresent() ? grant.isTree() || once(8) : grant.mount().isPresent())
        .toList();
    var grant = trees.isEmpty() ? pick(grants.all()) : pick(trees);
    boolean byNumber = grant.number().isPresent() && (grant.mount().isEmpty() || once(2));
    boolean magic = grants.proc() && once(3);
    String at = byNumber && !magic ? Integer.toString(grant.number().getAsInt()) : "cwd";
    Function<Predicate<Node>, String> path = wanted -> magic ? throughProc(wanted)
        : byNumber && !once(10) ? within(grant, wanted) : absolute(grant, wanted);
    String text = "t" + random.nextInt(1000);
    return switch (random.nextInt(26)) {
      case 0, 1 -> Act.of("read", at, path.apply(Node::isFile));
      case 2, 3 -> Act.of("write", at, path.apply(Node::isFile), text);
      case 4 -> Act.of("append", at, path.apply(Node::isFile), text);
      case 5 -> Act.of("both", at, path.apply(Node::isFile));
      case 6 -> Act.of("empty", at, path.apply(Node::isFile));
      case 7 -> Act.of("cut", "cwd", path.apply(Node::isFile), random.nextInt(20));
      case 8, 9 -> Act.of("create", at, path.apply(null));
      case 10 -> Act.of("ensure", at, path.apply(once(2) ? null : Node::isFile));
      case 11 -> Act.of("mkdir", at, path.apply(null));
      case 12 -> Act.of("symlink", at, path.apply(null), path.apply(node -> true));
      case 13, 14 -> Act.of("link", at, path.apply(node -> !node.isDirectory()), path.apply(null));
      case 15, 16 -> Act.of("unlink", at, path.apply(node -> !node.isDirectory()));
      case 17 -> Act.of("rmdir", at, path.apply(Node::isDirectory));
      case 18, 19 -> Act.of("rename", at, path.apply(node -> true), path.apply(once(3) ? node -> true : null), random.nextInt(2));
      case 20 -> Act.of("mode", at, path.apply(node -> true), pick(MODES), random.nextInt(2));
      case 21 -> Act.of("touch", at, path.apply(node -> true));
      case 22 -> Act.of(once(2) ? "look" : "look-at", at, path.apply(node -> true));
      case 23 -> Act.of("target", at, path.apply(Node::isLink));
      case 24 -> Act.of("list", at, path.apply(Node::isDirectory));
      default -> Act.of("go", "cwd", path.apply(Node::isDirectory));
    };
  }

  private String absolute(Grant grant, Predicate<Node> wanted) {
    if (grant.mount().isPresent() && !once(6)) {
      return grant.isTree() ? grant.mount().get() + "/" + within(grant, wanted) : grant.mount().get() + (once(20) ? "/.." : "");
    }
    return switch (random.nextInt(4)) {
      case 0 -> pick(List.of("/", "/nothing", "/m0", "/new1", host + "/a/note", host + "/outside", host + "/f1", host + "/b/note"));
      case 1 -> host + "/outside/" + pick(List.of("note", "new1", "sub", "sub/inner", "up-link", ".."));
      case 2 -> grant.mount().orElse("/m1") + "/" + pick(ODD);
      default -> once(2) ? pick(NEW) : pick(ODD);
    };
  }

  private String throughProc(Predicate<Node> wanted) {
    var numbered = grants.all().stream().filter(grant -> grant.number().isPresent()).toList();
    if (numbered.isEmpty() || once(10)) {
      return "/proc/self/fd/" + (PolicyGenerator.FIRST_NUMBER + PolicyGenerator.MOST_GRANTS);
    }
    var grant = pick(numbered);
    return "/proc/self/fd/" + grant.number().getAsInt() + (grant.isTree() && !once(4) ? "/" + within(grant, wanted) : "");
  }

  /**
   * A path in a directory.
   *
   * @param wanted what there should be at it; null for nothing
   */
  private String within(Grant grant, Predicate<Node> wanted) {
    if (once(6)) {
      return pick(ODD);
    }
    var there = new ArrayList<String>();
    boolean isNew = wanted == null;
    paths(nodes.apply(grant), "", isNew ? Node::isDirectory : wanted, there);
    if (isNew && (there.isEmpty() || once(2))) {
      return pick(NEW);
    } else if (there.isEmpty()) {
      return pick(ODD);
    }
    return pick(there) + (isNew ? "/" + pick(NEW) : "");
  }

  private static void paths(Node directory, String prefix, Predicate<Node> wanted, List<String> paths) {
    directory.entries.forEach((name, node) -> {
      Stream.of(node).filter(wanted).forEach(each -> paths.add(prefix + name));
      paths(node, prefix + name + "/", wanted, paths);
    });
  }

  private Act withDescriptor(int number) {
    boolean tree = find(number, Grant::isTree);
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
