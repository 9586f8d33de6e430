package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.explain.PathUse.Deed;
import dev.embryo.policy.resolve.PathInView;
import dev.embryo.policy.resolve.PathInView.Kind;
import dev.embryo.policy.resolve.ViewEntry;
import dev.embryo.policy.resolve.ViewWalk;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Errno;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the kernel says of a path that a system call names, once the filters have let the call pass. The layers are asked in the
 * kernel's order (fs/namei.c, fs/open.c), so that the first one in the way is the one that a program would hear of. Used by one
 * thread.
 */
final class PathAnswer {
  private static final String FILES = "the files themselves";
  private static final String ROOT = "private root";

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int O_ACCMODE = 3;
  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;
  private static final int O_TRUNC = 0x200;
  private static final int O_PATH = 0x20_0000;
  private static final int O_DIRECTORY_X86 = 0x1_0000; // these two differ on aarch64
  private static final int O_NOFOLLOW_X86 = 0x2_0000;
  private static final int O_DIRECTORY_ARM = 0x4000;
  private static final int O_NOFOLLOW_ARM = 0x8000;
  private static final int READ = 4;
  private static final int WRITE = 2;
  private static final int EXECUTE = 1;
  private static final int S_IFMT = 0170000;
  private static final int S_IFIFO = 0010000;
  private static final int S_IFSOCK = 0140000;

  private final CompiledPolicy compiled;
  private final Question question;
  private final PathLayers layers;
  private final ViewWalk walk;

  private PathAnswer(CompiledPolicy compiled, Question question) {
    this.compiled = compiled;
    this.question = question;
    layers = new PathLayers(compiled);
    walk = new ViewWalk(compiled.resolved(), layers.hasOwnRoot(), layers.permissions());
  }

  /**
   * The answer; each path gets a section of the page.
   *
   * @return empty for a call that names no path, or whose path is not told or begins at a descriptor
   */
  static Optional<PathVerdict> of(PageBuilder page, CompiledPolicy compiled, Question question) throws IOException {
    return new PathAnswer(compiled, question).answer(page);
  }

  private Optional<PathVerdict> answer(PageBuilder page) throws IOException {
    var uses = PathUse.of(question.call());
    var places = new ArrayList<PathInView>();
    for (PathUse use : uses) {
      var path = absolute(use);
      if (path.isEmpty()) {
        return Optional.empty();
      }
      var place = walk.follow(path.get(), follows(use));
      places.add(place);
      tell(page, path.get(), place);
    }
    if (places.isEmpty()) {
      return Optional.empty();
    }
    var inTheWay = uses.get(0).deed() == Deed.MOVE_FROM ? move(places.get(0), places.get(1))
        : uses.get(0).deed() == Deed.LINK_FROM ? link(places.get(0), places.get(1))
        : one(uses.get(0), places.get(0));
    return Optional.of(inTheWay.orElseGet(() -> PathVerdict.allowed("nothing is in the way of it at "
        + places.stream().map(PathInView::path).collect(Collectors.joining(" and ")))));
  }

  // Where.

  private Optional<String> absolute(PathUse use) {
    var text = question.texts().get(use.path());
    if (text == null) {
      return Optional.empty();
    } else if (text.startsWith("/") || text.isEmpty()) {
      return Optional.of(text);
    }
    boolean here = use.directory() == PathUse.WORKING_DIRECTORY || argument(use.directory()) == AT_FDCWD;
    return here ? Optional.of(compiled.policy().program().directory() + "/" + text) : Optional.empty();
  }

  private int argument(int position) {
    return question.data().arguments().get(position).intValue();
  }

  private int flags(PathUse use) {
    return use.deed() == Deed.CREATE ? O_CREAT | O_WRONLY | O_TRUNC : use.flags() == PathUse.NONE ? 0 : argument(use.flags());
  }

  private boolean follows(PathUse use) {
    return switch (use.deed()) {
      case LOOK, ASK, ENTER, WATCH, CREATE, TRUNCATE, EXECUTE, CHANGE -> true;
      case LOOK_AS_FLAGGED -> (flags(use) & AT_SYMLINK_NOFOLLOW) == 0;
      case LINK_FROM -> use.flags() != PathUse.NONE && (flags(use) & AT_SYMLINK_FOLLOW) != 0;
      case OPEN -> (flags(use) & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL)
          && (flags(use) & flag(O_NOFOLLOW_X86, O_NOFOLLOW_ARM)) == 0;
      default -> false;
    };
  }

  private int flag(int x86, int arm) {
    return question.data().architecture() == Architecture.X86_64.token() ? x86 : arm;
  }

  private void tell(PageBuilder page, String path, PathInView place) {
    page.heading("path", "where " + CallText.shown(path) + " leads");
    place.links().forEach(link -> page.row("through", CallText.shown(link), "symbolic link").fact("link", link));
    page.row("inside", CallText.shown(place.path()) + (place.reason().isEmpty() ? ", " + kind(place.kind()) : "; " + CallText.shown(place.reason())),
            layers.hasOwnRoot() ? ROOT : FILES)
        .fact("path", place.path()).fact("kind", kind(place.kind()))
        .fact("failure", place.failure().map(Errno::name).orElse(""));
    place.host().ifPresent(host -> page.row("on the host", CallText.shown(host), FILES).fact("host", host));
    layers.mount(place.path()).ifPresent(mount -> page.row("covered by", mount.path() + grant(mount), "mount").fact("mount", mount.path()));
    var rights = layers.accesses(place.path()).stream().map(Explanation::right).sorted().distinct().toList();
    page.row("granted there", rights.isEmpty() ? "nothing" : String.join(", ", rights), "Landlock").fact("rights", rights);
  }

  /** What the mount is for, and where the policy says so. */
  private String grant(RootEntry mount) {
    if (mount instanceof RootEntry.Mount granted) {
      var capability = compiled.resolved().view().stream()
          .filter(entry -> entry.path().equals(mount.path()) && entry instanceof ViewEntry.Mount)
          .flatMap(entry -> ((ViewEntry.Mount) entry).capability().stream()).findFirst();
      return ": " + granted.purpose()
          + capability.map(name -> ", at " + compiled.policy().places().at("capabilities." + name)).orElse("");
    }
    return mount instanceof RootEntry.Tmpfs ? ": in memory, empty at first" : "";
  }

  private static String kind(Kind kind) {
    return switch (kind) {
      case DIRECTORY -> "a directory";
      case FILE -> "a file";
      case DEVICE -> "a device";
      case SPECIAL -> "a FIFO or socket";
      case LINK -> "a symbolic link";
      case MISSING -> "nothing";
    };
  }

  // One path. Each step is asked only if none before it is in the way.

  @SafeVarargs
  private static Optional<PathVerdict> first(Supplier<Optional<PathVerdict>>... steps) {
    return Stream.of(steps).map(Supplier::get).flatMap(Optional::stream).findFirst();
  }

  private static Optional<PathVerdict> when(boolean holds, Errno errno, String reason) {
    return holds ? Optional.of(PathVerdict.fails(errno, reason, FILES)) : Optional.empty();
  }

  private Optional<PathVerdict> one(PathUse use, PathInView place) throws IOException {
    int flags = flags(use);
    return switch (use.deed()) {
      case LOOK, LOOK_AT_LINK, LOOK_AS_FLAGGED -> there(place);
      case ASK -> first(() -> there(place), () -> ask(place, flags));
      case ENTER -> first(() -> there(place), () -> directory(place), () -> layers.permissions(place, EXECUTE));
      case READ_LINK -> first(() -> there(place), () -> when(place.kind() != Kind.LINK, Errno.EINVAL, place.path() + " is no symbolic link"));
      case WATCH -> first(() -> there(place), () -> layers.permissions(place, READ));
      case OPEN, CREATE -> open(use, place, flags);
      case TRUNCATE -> first(() -> there(place), () -> noDirectory(place),
          () -> when(place.kind() != Kind.FILE, Errno.EINVAL, place.path() + " is no file"), () -> layers.permissions(place, WRITE),
          () -> layers.readOnly(place), () -> layers.landlock(place.path(), Set.of(Access.TRUNCATE)));
      case EXECUTE -> first(() -> there(place), () -> when(place.kind() != Kind.FILE, Errno.EACCES, place.path() + " is no file"),
          () -> layers.noExecution(place), () -> layers.permissions(place, EXECUTE),
          () -> layers.landlock(place.path(), Set.of(Access.EXECUTE, Access.READ_FILE)));
      case CHANGE, CHANGE_LINK -> first(() -> there(place), () -> layers.readOnly(place), () -> layers.ownership(place));
      case MAKE_DIRECTORY -> make(use, place, Access.MAKE_DIR);
      case MAKE_LINK -> make(use, place, Access.MAKE_SYM);
      case MAKE_NODE -> make(use, place, node(flags));
      case REMOVE -> (flags & AT_REMOVEDIR) != 0 ? removeDirectory(use, place) : removeFile(use, place);
      case REMOVE_DIRECTORY -> removeDirectory(use, place);
      case MOVE_FROM, MOVE_TO, LINK_FROM, LINK_TO -> throw new IllegalStateException("a call has both of them");
    };
  }

  private static Access node(int mode) {
    return switch (mode & S_IFMT) {
      case S_IFIFO -> Access.MAKE_FIFO;
      case S_IFSOCK -> Access.MAKE_SOCK;
      default -> Access.MAKE_REG;
    };
  }

  private Optional<PathVerdict> reached(PathInView place) {
    return place.failure().map(errno -> PathVerdict.fails(errno, place.reason(), errno == Errno.EACCES ? FILES : layer()));
  }

  private Optional<PathVerdict> there(PathInView place) {
    return first(() -> reached(place), () -> place.kind() == Kind.MISSING
        ? Optional.of(PathVerdict.fails(Errno.ENOENT, place.reason(), layer())) : Optional.empty());
  }

  private String layer() {
    return layers.hasOwnRoot() ? ROOT : FILES;
  }

  private static Optional<PathVerdict> directory(PathInView place) {
    return when(place.kind() != Kind.DIRECTORY, Errno.ENOTDIR, place.path() + " is no directory");
  }

  private static Optional<PathVerdict> noDirectory(PathInView place) {
    return when(place.kind() == Kind.DIRECTORY, Errno.EISDIR, place.path() + " is a directory");
  }

  private Optional<PathVerdict> ask(PathInView place, int mode) {
    return first(
        () -> (mode & EXECUTE) != 0 && place.kind() == Kind.FILE ? layers.noExecution(place) : Optional.empty(),
        () -> layers.permissions(place, mode & (READ | WRITE | EXECUTE)),
        () -> (mode & WRITE) != 0 && place.kind() != Kind.DEVICE && place.kind() != Kind.SPECIAL
            ? layers.readOnly(place) : Optional.empty());
  }

  private Optional<PathVerdict> open(PathUse use, PathInView place, int flags) throws IOException {
    boolean asDirectory = (flags & flag(O_DIRECTORY_X86, O_DIRECTORY_ARM)) != 0;
    if ((flags & O_PATH) != 0) { // neither permissions nor Landlock are asked
      return first(() -> there(place), () -> asDirectory ? directory(place) : Optional.empty());
    }
    boolean creates = (flags & O_CREAT) != 0;
    boolean reads = (flags & O_ACCMODE) != O_WRONLY;
    boolean writes = (flags & O_ACCMODE) != O_RDONLY;
    boolean truncates = (flags & O_TRUNC) != 0 && (place.kind() == Kind.FILE || place.kind() == Kind.MISSING);
    var accesses = EnumSet.noneOf(Access.class);
    if (reads) {
      accesses.add(place.kind() == Kind.DIRECTORY ? Access.READ_DIR : Access.READ_FILE);
    }
    if (writes) {
      accesses.add(Access.WRITE_FILE);
    }
    if (creates && place.failure().isEmpty() && place.kind() == Kind.MISSING) {
      var parent = walk.parent(place);
      return first(() -> when(endsWithSlash(use), Errno.EISDIR, "only a file can be made by opening it"),
          () -> layers.readOnly(parent), () -> layers.landlock(parent.path(), Set.of(Access.MAKE_REG)),
          () -> layers.permissions(parent, WRITE | EXECUTE),
          () -> layers.landlock(place.path(), accesses).map(denied -> PathVerdict.fails(Errno.EACCES, denied.reason()
              + "; the file is made, and stays, but it cannot be opened so", denied.layer())));
    }
    if (truncates) {
      accesses.add(Access.TRUNCATE);
    }
    boolean onDisk = place.kind() == Kind.FILE || place.kind() == Kind.DIRECTORY;
    return first(() -> there(place),
        () -> when(creates && endsWithSlash(use) && isName(use), Errno.EISDIR, "only a file can be made by opening it"),
        () -> when(creates && (flags & O_EXCL) != 0, Errno.EEXIST, place.path() + " is there already"),
        () -> creates || writes || (flags & O_TRUNC) != 0 ? noDirectory(place) : Optional.empty(),
        () -> when(place.kind() == Kind.LINK && !asDirectory, Errno.ELOOP, place.path() + " is a symbolic link"),
        () -> asDirectory ? directory(place) : Optional.empty(),
        () -> truncates ? layers.readOnly(place) : Optional.empty(),
        () -> layers.permissions(place, (reads ? READ : 0) | (writes || truncates ? WRITE : 0)),
        () -> writes && onDisk ? layers.readOnly(place) : Optional.empty(),
        () -> layers.landlock(place.path(), accesses));
  }

  private Optional<PathVerdict> make(PathUse use, PathInView place, Access access) throws IOException {
    var around = around(use);
    boolean slash = access != Access.MAKE_DIR && endsWithSlash(use);
    return first(() -> reached(place), () -> exists(place),
        () -> when(slash, Errno.ENOENT, "only a directory can be made under a name with a slash behind it"),
        () -> layers.readOnly(around), () -> layers.landlock(around.path(), Set.of(access)),
        () -> layers.permissions(around, WRITE | EXECUTE));
  }

  private static Optional<PathVerdict> exists(PathInView place) {
    return when(place.kind() != Kind.MISSING, Errno.EEXIST, place.path() + " is there already");
  }

  private Optional<PathVerdict> removeFile(PathUse use, PathInView place) throws IOException {
    var around = around(use);
    return first(() -> reached(place), () -> when(!isName(use), Errno.EISDIR, "'" + lastName(use) + "' is no name in a directory"),
        () -> layers.readOnly(around), () -> there(place), () -> endsWithSlash(use) ? noDirectory(place) : Optional.empty(),
        () -> endsWithSlash(use) ? directory(place) : Optional.empty(),
        () -> layers.landlock(around.path(), Set.of(Access.REMOVE_FILE)), () -> layers.permissions(around, WRITE | EXECUTE),
        () -> noDirectory(place), () -> inUse(place));
  }

  private Optional<PathVerdict> removeDirectory(PathUse use, PathInView place) throws IOException {
    var around = around(use);
    String last = lastName(use);
    return first(() -> reached(place),
        () -> when(!isName(use), last.equals("/") ? Errno.EBUSY : last.equals(".") ? Errno.EINVAL : Errno.ENOTEMPTY,
            "'" + last + "' is no name in a directory"),
        () -> layers.readOnly(around), () -> there(place), () -> layers.landlock(around.path(), Set.of(Access.REMOVE_DIR)),
        () -> layers.permissions(around, WRITE | EXECUTE), () -> directory(place), () -> inUse(place));
  }

  private static Optional<PathVerdict> inUse(PathInView place) {
    return when(place.isMountPoint(), Errno.EBUSY, place.path() + " is a mount");
  }

  // Names in directories: of a link or a mount, too, the name is in the directory around it.

  /** The directory that the last name of a path is in. */
  private PathInView around(PathUse use) throws IOException {
    String path = absolute(use).orElseThrow().replaceFirst("/+$", "");
    return walk.follow(path.substring(0, path.lastIndexOf('/') + 1) + ".", true);
  }

  private String lastName(PathUse use) {
    String text = question.texts().getOrDefault(use.path(), "").replaceFirst("/+$", "");
    return text.isEmpty() ? "/" : text.substring(text.lastIndexOf('/') + 1);
  }

  private boolean isName(PathUse use) {
    return !Set.of(".", "..", "/").contains(lastName(use));
  }

  private boolean endsWithSlash(PathUse use) {
    return question.texts().getOrDefault(use.path(), "").endsWith("/");
  }

  // Two paths.

  private Optional<PathVerdict> move(PathInView from, PathInView to) throws IOException {
    var uses = PathUse.of(question.call());
    var left = around(uses.get(0));
    var entered = around(uses.get(1));
    var made = EnumSet.of(made(from));
    if (to.kind() != Kind.MISSING) {
      made.add(to.kind() == Kind.DIRECTORY ? Access.REMOVE_DIR : Access.REMOVE_FILE);
    }
    var removed = from.kind() == Kind.DIRECTORY ? Access.REMOVE_DIR : Access.REMOVE_FILE;
    boolean slashes = endsWithSlash(uses.get(0)) || endsWithSlash(uses.get(1));
    return first(() -> reached(from), () -> reached(to), () -> layers.apart(left, entered),
        () -> when(!uses.stream().allMatch(this::isName), Errno.EBUSY, "'.', '..' and '/' are no names in a directory"),
        () -> layers.readOnly(left), () -> there(from), () -> slashes ? directory(from) : Optional.empty(),
        () -> when(isWithin(entered.path(), from.path()), Errno.EINVAL, entered.path() + " lies within " + from.path()),
        () -> when(isWithin(left.path(), to.path()), Errno.ENOTEMPTY, left.path() + " lies within " + to.path()),
        () -> refer(left.path(), EnumSet.of(removed), entered.path(), made),
        () -> layers.permissions(left, WRITE | EXECUTE), () -> layers.permissions(entered, WRITE | EXECUTE),
        () -> inUse(from), () -> inUse(to));
  }

  private static boolean isWithin(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }

  private Optional<PathVerdict> link(PathInView from, PathInView to) throws IOException {
    var uses = PathUse.of(question.call());
    var left = from.isMountPoint() ? from : walk.parent(from);
    var entered = around(uses.get(1));
    return first(() -> there(from), () -> reached(to), () -> exists(to),
        () -> when(endsWithSlash(uses.get(1)), Errno.ENOENT, "only a directory can be made under a name with a slash behind it"),
        () -> layers.readOnly(entered), () -> layers.apart(from, entered), () -> layers.linkProtection(from),
        () -> refer(left.path(), Set.of(), entered.path(), EnumSet.of(made(from))),
        () -> layers.permissions(entered, WRITE | EXECUTE),
        () -> when(from.kind() == Kind.DIRECTORY, Errno.EPERM, from.path() + " is a directory"));
  }

  private static Access made(PathInView from) {
    return switch (from.kind()) {
      case DIRECTORY -> Access.MAKE_DIR;
      case LINK -> Access.MAKE_SYM;
      case DEVICE -> Access.MAKE_CHAR;
      case SPECIAL -> Access.MAKE_FIFO;
      case FILE, MISSING -> Access.MAKE_REG;
    };
  }

  /** From one directory to another a file takes its name only where both may be referred to; before Landlock's ABI 2 never. */
  private Optional<PathVerdict> refer(String left, Set<Access> removed, String entered, Set<Access> made) {
    var denied = first(() -> layers.landlock(left, removed), () -> layers.landlock(entered, made));
    if (denied.isPresent() || left.equals(entered)) {
      return denied;
    }
    boolean refers = compiled.host().landlockAbi() >= Access.REFER.sinceAbi()
        && layers.missing(left, Set.of(Access.REFER)).isEmpty() && layers.missing(entered, Set.of(Access.REFER)).isEmpty();
    return refers ? Optional.empty() : Optional.of(PathVerdict.fails(Errno.EXDEV,
        "no rules allow to rename from " + left + " to " + entered, "Landlock"));
  }
}
