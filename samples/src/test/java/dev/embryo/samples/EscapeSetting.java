package dev.embryo.samples;

import dev.embryo.samples.EscapeRoute.Need;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A way to grant a directory, and how the program {@code escape} uses it.
 *
 * @param writable whether everything is granted, or reading
 */
record EscapeSetting(Form form, boolean writable, Isolation isolation) {
  /** As what the program has the directory, and which of that it uses. */
  enum Form { DESCRIPTOR, MOUNTED, BOTH_BY_DESCRIPTOR, BOTH_BY_PATH, TMPFS }

  enum Isolation { NAMESPACES, NAMESPACES_AND_PROC, NO_NAMESPACES }

  /** What becomes of a line, and of a place where no line leads. */
  static final String ANY_STEP = "*: ";

  /** All that there are. */
  static Stream<EscapeSetting> all() {
    return Stream.of(Isolation.values()).flatMap(isolation -> Stream.of(Form.values()).flatMap(form ->
        Stream.of(false, true).map(writable -> new EscapeSetting(form, writable, isolation))));
  }

  boolean withNamespaces() {
    return isolation != Isolation.NO_NAMESPACES;
  }

  /** Whether there are such policies; DirectoryEscapeTest shows how others are refused. */
  boolean isPossible() {
    return withNamespaces() || form == Form.MOUNTED;
  }

  private boolean byDescriptor() {
    return form == Form.DESCRIPTOR || form == Form.BOTH_BY_DESCRIPTOR;
  }

  private boolean hasPath() {
    return form != Form.DESCRIPTOR;
  }

  /** What is said of a policy that is not possible. */
  String refusal() {
    return form == Form.TMPFS
        ? "capabilities.in.tmpfs: a file system of its own takes a mount namespace"
        : "capabilities.in.directory: as a descriptor it takes a mount namespace";
  }

  /** Whether nothing lies within: so it is with a tmpfs in which the program makes nothing. */
  boolean isEmpty() {
    return form == Form.TMPFS && !writable;
  }

  /** Whether the host can move what is in the directory. /proc is no matter there. */
  boolean isOfTheHost() {
    return form != Form.TMPFS && isolation != Isolation.NAMESPACES_AND_PROC;
  }

  // The policy

  ProbePolicy policy(EscapeTree tree, Path program) {
    var policy = ProbePolicy.LEAST.program(program).capability("stdin: {inherit: 0, rights: read}")
        .capability(capability(tree, "in", tree.granted(), 3))
        .capability(capability(tree, "other", tree.other(), 4));
    if (form != Form.TMPFS) {
      policy = policy.capability(capability(tree, "nested", tree.nested(), 5));
    }
    if (EscapeTree.USER.isPresent()) {
      policy = policy.section("identity: {user: %d, group: %1$d}".formatted(EscapeTree.USER.getAsInt()));
    }
    return switch (isolation) {
      case NAMESPACES -> policy;
      case NAMESPACES_AND_PROC -> policy.section("filesystem: {proc: own}");
      case NO_NAMESPACES -> policy.section("isolation: {require: [landlock, seccomp]}");
    };
  }

  private String capability(EscapeTree tree, String name, Path directory, int number) {
    var source = form == Form.TMPFS ? "tmpfs: 1MiB" : "directory: \"" + directory + '"';
    var mount = hasPath() ? ", mount: \"" + path(name, directory) + '"' : "";
    var fd = form == Form.MOUNTED || form == Form.TMPFS ? "" : ", fd: " + number;
    return name + ": {" + source + ", rights: " + (writable ? "all" : "[list, read]") + mount + fd + '}';
  }

  private String path(String name, Path directory) {
    return withNamespaces() ? '/' + name : directory.toString();
  }

  /** What the program is told about where its directories are. */
  List<String> places(EscapeTree tree) {
    return Stream.of(place("in", tree.granted(), 3), place("other", tree.other(), 4), place("nested", tree.nested(), 5)).toList();
  }

  private String place(String name, Path directory, int number) {
    return name + '=' + (byDescriptor() ? Integer.toString(number) : path(name, directory));
  }

  /** The path of the directory, as the program has it; that of the host for one that it has not. */
  String absolute(EscapeTree tree) {
    return path("in", tree.granted());
  }

  /** A script's words in this setting. */
  String words(EscapeTree tree, String line) {
    boolean clamped = withNamespaces() && byDescriptor();
    var host = absolute(tree).substring(1);
    return tree.words(line)
        .replace("SELF", clamped ? "." : withNamespaces() ? "in" : tree.granted().getFileName().toString())
        .replace("TOP", clamped ? "." : host)
        .replace("ABS", absolute(tree));
  }

  // What there is to try

  /** What the program does first: in an empty tmpfs it makes what the host has elsewhere. */
  List<String> preparation() {
    return form == Form.TMPFS && writable
        ? List.of("mkdir in:folder", "mkdir in:inside", "mkdir in:inside/empty", "make-file in:inside/secret",
            "make-file in:inside/written", "make-file in:inside/removed", "make-file in:inside/renamed",
            "symlink secret in:inside/link", "make-file in:mine")
        : List.of();
  }

  /**
   * Why a way is not tried here.
   *
   * @param mounts whether the host has mounted what it mounts
   */
  Optional<String> lacks(EscapeRoute route, EscapeEnd end, boolean mounts) {
    if (form == Form.TMPFS && route.needs(Need.HOST)) {
      return Optional.of("a tmpfs holds nothing of the host's, and no path of the host leads to it");
    } else if (!mounts && route.needs(Need.MOUNTS)) {
      return Optional.of("only root mounts on the host");
    } else if (end == EscapeEnd.OUTSIDE) {
      return Optional.empty();
    } else if (route.within().isEmpty()) {
      return Optional.of("no such way leads anywhere within");
    } else if (!hasPath() && route.needs(Need.PATH)) {
      return Optional.of("a descriptor has no absolute path");
    }
    return Optional.empty();
  }

  // What has to become of it

  String answer(EscapeRoute route, EscapeAct act, EscapeEnd end) {
    if (takesMetadataFromAll() && act.changesMetadata()) {
      return ANY_STEP + "EPERM/" + refusal(route).map(refusal -> refusal.substring(refusal.indexOf(": ") + 2)).orElse("ENOENT");
    }
    return refusal(route).orElseGet(() -> ANY_STEP + (end == EscapeEnd.WITHIN ? within(route, act) : outside(act)));
  }

  /** A tmpfs is the program's own, so that no mount keeps its mode from being changed: the filter does. */
  private boolean takesMetadataFromAll() {
    return form == Form.TMPFS && !writable;
  }

  private String outside(EscapeAct act) {
    return withNamespaces() ? "ENOENT" : act.stranger(writable);
  }

  private Optional<String> refusal(EscapeRoute route) {
    if (!writable && route.needs(Need.WRITING)) {
      return Optional.of(route.change() + ": " + (withNamespaces() && form != Form.TMPFS ? "EROFS" : "EACCES"));
    } else if (isolation == Isolation.NAMESPACES && route.needs(Need.PROC)) {
      return Optional.of(ANY_STEP + "ENOENT");
    }
    boolean passes = route.refusal().isEmpty() || !withNamespaces() && route.needs(Need.ONLY_WITH_NAMESPACES);
    return passes ? Optional.empty() : Optional.of(route.refusal());
  }

  private String within(EscapeRoute route, EscapeAct act) {
    boolean otherMount = form == Form.BOTH_BY_DESCRIPTOR && route.needs(Need.PATH) && act.crosses();
    if (otherMount && (writable || act.moves())) {
      return "EXDEV"; // the same directory, in two mounts
    } else if (!writable) {
      return withNamespaces() ? act.reader() : act.readerWithout();
    }
    return withNamespaces() || !act.changesMetadata() ? act.writer() : act.readerWithout();
  }

  @Override
  public String toString() {
    return form + (writable ? ", everything granted, " : ", reading granted, ") + isolation;
  }
}
