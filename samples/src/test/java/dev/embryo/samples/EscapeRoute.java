package dev.embryo.samples;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A way that would lead out of a directory, for the program {@code escape}. The same way, with another end, leads to a place
 * within, so that it is tried on something that is there.
 *
 * @param steps what is done first; TO stands for the end
 * @param path behind them, the path of the place
 * @param outside the end that is outside of every grant
 * @param within the end that lies in the directory; empty where no such way leads there
 * @param refusal what ends every attempt, wherever it would lead: "STEP: ERRNO"; empty if it depends on what is tried
 * @param needs what has to be there for it
 */
record EscapeRoute(String name, String steps, String path, String outside, String within, String refusal, Set<Need> needs) {
  /** What a way takes, and why it is not there elsewhere. */
  enum Need {
    /** Links and directories that the host has put into the tree: a tmpfs begins empty, and no path of the host leads to it. */
    HOST,
    /** The program changes the directory first; one that is granted for reading refuses that. */
    WRITING,
    /** A path in /proc: without it there is none. */
    PROC,
    /** The end within is named by an absolute path; a directory that is a descriptor and nothing else has none. */
    PATH,
    /** Another directory, granted beside. */
    OTHER,
    /** A directory of the tree that is granted a second time. */
    NESTED,
    /** The host moves a directory out of the tree that the program holds. */
    MOVED,
    /** Mounts of the host, which root makes. */
    MOUNTS,
    /** Privilege, to lead anywhere without a sandbox. */
    PRIVILEGE,
    /** Namespaces of an ordinary user, to lead anywhere without a sandbox. */
    USER_NAMESPACES,
    /** A process for each attempt, because the change that it makes stays. */
    PROCESS,
    /** Outside of a sandbox too the kernel keeps within. */
    NO_WAY,
    /** The names in it are themselves links, one of them to what is not there: what does not follow links stays within. */
    FILES,
    /** Only with namespaces it is refused as the table says; without, it leads to what cannot be opened. */
    ONLY_WITH_NAMESPACES
  }

  /**
   * All of them. OUTER is the directory on the host that holds the granted one and a directory {@code outside}, HOST the same
   * path without its slash, UPS more {@code ../} than any path has. SELF is the directory seen from what {@code ..} of it is, TOP
   * seen from the root, ABS by its absolute path.
   */
  static final List<EscapeRoute> ALL = Table.rows("""
      # name                       | steps                                | path                 | outside       | within      | refusal | needs
      dot-dot                      | -                                    | in:../{}             | outside       | SELF/inside | -       | -
      dot-dot beneath              | -                                    | in:folder/../{}      | ../outside    | inside      | -       | -
      dot-dot past a dot           | -                                    | in:./folder/.././{}  | ../outside    | inside      | -       | -
      dot-dots to the root         | -                                    | in:UPS{}             | HOST/outside  | TOP/inside  | -       | -
      descriptor of dot-dot        | open in:; up 1                       | {}                   | outside       | SELF/inside | -       | -
      readable descriptor          | open-reading in:folder; up 2         | {}                   | outside       | SELF/inside | -       | -
      descriptors to the root      | open in:folder; up 40                | {}                   | HOST/outside  | TOP/inside  | -       | -
      working directory            | open in:; fchdir                     | ../{}                | outside       | SELF/inside | -       | -
      working directory beneath    | open in:folder; fchdir               | ../{}                | ../outside    | inside      | -       | -
      up from a working directory  | open in:folder; fchdir; up 2         | {}                   | outside       | SELF/inside | -       | -
      absolute path                | -                                    | {}                   | OUTER/outside | ABS/inside  | -       | PATH
      absolute from a descriptor   | open in:                             | {}                   | OUTER/outside | ABS/inside  | -       | PATH

      # Symbolic links, which the host has put there.
      absolute link                | -                                    | in:{}                | absolute      | absolute-within | -   | HOST PATH
      link to the root             | -                                    | in:root{}            | OUTER/outside | ABS/inside  | -       | HOST PATH
      climbing link                | -                                    | in:{}                | climbing      | climbing-within | -   | HOST
      climbing link beneath        | -                                    | in:folder/{}         | climbing      | climbing-within | -   | HOST
      link to dot-dot              | -                                    | in:parent/{}         | outside       | SELF/inside | -       | HOST
      link to dot-dot, opened      | open in:parent                       | {}                   | outside       | SELF/inside | -       | HOST
      link to a climbing link      | -                                    | in:{}                | chain         | chain-within | -      | HOST
      link to an absolute link     | -                                    | in:folder/{}         | chain         | chain-within | -      | HOST PATH
      dot-dot behind a link        | -                                    | in:shallow/../../{}  | ../outside    | inside      | -       | HOST
      link to a magic link         | open in:; fchdir                     | in:magic/../{}       | outside       | SELF/inside | -       | HOST PROC

      links to files               | -                                    | in:{}                | links         | links-within | -      | HOST FILES
      absolute links to files      | -                                    | in:{}                | links-absolute | links-absolute-within | - | HOST FILES PATH

      # The same, made by the program.
      own links to files           | make-directory in:a; make-symlink {}/secret in:a/secret; make-symlink {}/written in:a/written; make-symlink {}/renamed in:a/renamed; make-symlink {}/new in:a/new | in:a | ../../outside | ../inside | - | WRITING FILES
      own absolute link            | make-symlink {} in:made              | in:made              | OUTER/outside | ABS/inside  | -       | WRITING PATH
      own climbing link            | make-symlink {} in:made              | in:made              | ../outside    | inside      | -       | WRITING
      own link beneath             | make-directory in:a; make-symlink {} in:a/made | in:a/made    | ../../outside | ../inside | -    | WRITING
      own link to a link           | make-symlink {} in:made; make-symlink made in:chained | in:chained | ../outside | inside | -     | WRITING
      own link to a magic link     | open in:; fchdir; make-symlink /proc/self/cwd in:made | in:made/../{} | outside | SELF/inside | - | WRITING PROC

      # /proc
      root of a process            | -                                    | /proc/self/root{}    | OUTER/outside | ABS/inside  | -       | PROC PATH
      working directory, by /proc  | open in:; fchdir                     | /proc/self/cwd/../{} | outside       | SELF/inside | -       | PROC
      descriptor, by /proc         | open in:folder; magic                | ../../{}             | outside       | SELF/inside | -       | PROC
      thread's root                | -                                    | /proc/thread-self/root{} | OUTER/outside | ABS/inside | -    | PROC PATH

      # Directories that move, with the program in them.
      moved to another             | make-directory in:a; make-directory in:a/b; open in:a/b; move in:a/b in:c  | ../../{} | outside | SELF/inside | - | WRITING
      moved, then up               | make-directory in:a; make-directory in:a/b; open in:a/b; move in:a/b in:c; up 2 | {} | outside | SELF/inside | - | WRITING
      moved working directory      | make-directory in:a; make-directory in:a/b; open in:a/b; fchdir; move in:a/b in:c | ../../{} | outside | SELF/inside | - | WRITING
      moved below                  | make-directory in:a; make-directory in:c; open in:c; move in:c in:a/c; up 1 | ../../{} | outside | SELF/inside | - | WRITING
      exchanged                    | make-directory in:a; make-directory in:a/b; make-directory in:c; open in:a/b; swap in:a/b in:c; up 2 | {} | outside | SELF/inside | - | WRITING
      exchanged for one below      | make-directory in:a; make-directory in:a/b; make-directory in:c; open in:c; swap in:a/b in:c; up 2 | ../{} | outside | SELF/inside | - | WRITING
      moved to another grant       | make-directory in:c; open in:c; move in:c other:c | ../../{}   | outside       | -           | move: EXDEV | WRITING OTHER ONLY_WITH_NAMESPACES
      exchanged with another grant | make-directory in:c; open in:c; make-directory other:c; swap in:c other:c | ../../{} | outside | - | swap: EXDEV | WRITING OTHER ONLY_WITH_NAMESPACES
      moved out of a nested grant  | make-directory nested:c; open nested:c; move in:nested/c in:c | ../../{} | outside | -       | -       | WRITING NESTED HOST
      the same, then up            | make-directory nested:c; open nested:c; move in:nested/c in:c; up 2 | {} | outside | -       | -       | WRITING NESTED HOST
      out of a nested grant        | -                                    | nested:../../{}      | outside       | -           | -       | NESTED HOST
      moved out by the host        | use 1                                | ../{}                | outside       | -           | -       | MOVED HOST
      moved out, beneath           | use 2                                | ../../{}             | outside       | -           | -       | MOVED HOST
      moved out, then up           | use 2; up 2                          | {}                   | outside       | -           | -       | MOVED HOST
      moved out, working there     | use 1; fchdir                        | ../{}                | outside       | -           | -       | MOVED HOST
      moved out, by /proc          | use 1; magic                         | ../{}                | outside       | -           | -       | MOVED HOST PROC

      # Mounts of the host beneath the directory: .. of their root is where they are mounted.
      mount of a file system       | -                                    | in:mounted/../{}     | ../outside    | inside      | -       | MOUNTS HOST
      mount, then up               | open in:mounted; up 2                | {}                   | outside       | SELF/inside | -       | MOUNTS HOST
      mount of a directory         | -                                    | in:bound/folder/../../{} | ../outside | inside     | -       | MOUNTS HOST
      mount of a directory, up     | open in:bound/folder; up 3           | {}                   | outside       | SELF/inside | -       | MOUNTS HOST

      # Calls that make other ways.
      change of root               | open in:; keep 3; chroot in:folder; use 3 | ../{}           | outside       | SELF/inside | chroot: EPERM | PRIVILEGE PROCESS
      root of a user namespace     | unshare; open in:; keep 3; chroot in:folder; use 3 | ../{}  | outside       | SELF/inside | unshare: EPERM | USER_NAMESPACES PROCESS
      clone of a tree              | clone-tree OUTER                     | {}                   | outside       | SELF/inside | clone-tree: EPERM | PRIVILEGE
      clone of what is granted     | clone-tree in:                       | ../{}                | outside       | SELF/inside | clone-tree: EPERM | NO_WAY
      mount upon what is granted   | open in:; fchdir; bind {} folder     | folder               | OUTER/outside | ABS/inside  | bind: EPERM | PRIVILEGE PROCESS
      file handle                  | open-reading in:; open-handle in:../{}       | .                    | outside       | SELF/inside | open-handle: EPERM | PRIVILEGE
      openat2                      | openat2 0 in:../{}                   | .                    | outside       | SELF/inside | openat2: ENOSYS | -
      openat2, in its root         | open in:; openat2 0x10 ../{}         | .                    | outside       | inside      | openat2: ENOSYS | NO_WAY
      openat2, in its root, link   | openat2 0x10 in:{}                   | .                    | climbing      | climbing-within | openat2: ENOSYS | NO_WAY
      """).map(EscapeRoute::of).toList();

  private static EscapeRoute of(List<String> row) {
    var needs = EnumSet.noneOf(Need.class);
    Arrays.stream(row.get(6).split(" ")).filter(word -> !word.isEmpty()).map(Need::valueOf).forEach(needs::add);
    return new EscapeRoute(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5), needs);
  }

  /** What the program does before the host moves a directory, as that is expected by the ways that need it. */
  static final List<String> HOLDING = List.of("open in:moving; keep 1", "open in:moving/beneath; keep 2", "pause");

  boolean needs(Need need) {
    return needs.contains(need);
  }

  /** What is tried at its end. */
  List<EscapeAct> acts() {
    return EscapeAct.ALL.stream().filter(act -> !needs(Need.FILES) || act.follows()).toList();
  }

  /** The line of a script that goes this way and does something at its end. */
  String line(EscapeAct act, EscapeEnd end) {
    var target = end == EscapeEnd.OUTSIDE ? outside : within;
    var line = act.at(path.replace("{}", target));
    return steps.isEmpty() ? line : steps.replace("{}", target) + "; " + line;
  }

  /** The first step that changes the directory. */
  String change() {
    return Arrays.stream(steps.split("; ")).map(step -> step.split(" ")[0])
        .filter(Set.of("make-symlink", "make-directory")::contains).collect(Collectors.toList()).get(0);
  }

  @Override
  public String toString() {
    return name;
  }
}
