package dev.embryo.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of the host among which the program {@code escape} is given some: a directory {@code granted}, and beside it one
 * {@code outside} in which there is the same. Everybody may do anything with any of it, so that nothing but a sandbox stops
 * anybody.
 *
 * @param outer holds all of it
 */
record EscapeTree(Path outer) {
  /** Whose the files are, and the program: root's programs have this user here; an ordinary user has nobody but itself. */
  static final OptionalInt USER =
      System.getProperty("user.name").equals("root") ? OptionalInt.of(1879113001) : OptionalInt.empty();

  private static final String UPS = "../".repeat(40);

  /**
   * Makes the files.
   *
   * @param within the absolute path of the granted directory, as the program has it
   */
  void make(String within) throws IOException {
    CompiledProgram.letOthersIn(Files.createDirectory(outer));
    for (String name : List.of("granted", "other", "source", "source/folder", "granted/folder", "granted/folder/deep",
        "granted/nested", "granted/moving", "granted/moving/beneath", "granted/mounted", "granted/bound")) {
      directory(name);
    }
    file("granted/mine", "mine");
    fill("outside", "a secret");
    fill("granted/inside", "inside");
    links(within);
  }

  private static void everybody(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    if (USER.isPresent()) {
      Files.setAttribute(path, "unix:uid", USER.getAsInt());
    }
  }

  void directory(String name) throws IOException {
    everybody(Files.createDirectory(outer.resolve(name)), "rwxrwxrwx");
  }

  void file(String name, String content) throws IOException {
    everybody(Files.writeString(outer.resolve(name), content + '\n'), "rw-rw-rw-");
  }

  void link(String name, String target) throws IOException {
    Files.createSymbolicLink(outer.resolve(name), Path.of(target));
  }

  private void fill(String directory, String secret) throws IOException {
    directory(directory);
    directory(directory + "/empty");
    file(directory + "/secret", secret);
    for (String name : List.of("written", "removed", "renamed")) {
      file(directory + '/' + name, name);
    }
    link(directory + "/link", "secret");
  }

  private void links(String within) throws IOException {
    link("granted/absolute", outer + "/outside");
    link("granted/absolute-within", within + "/inside");
    link("granted/root", "/");
    link("granted/climbing", "../outside");
    link("granted/climbing-within", "folder/../inside");
    link("granted/folder/climbing", "../../outside");
    link("granted/folder/climbing-within", "../inside");
    link("granted/parent", "..");
    link("granted/chain", "climbing");
    link("granted/chain-within", "climbing-within");
    link("granted/folder/chain", "../absolute");
    link("granted/folder/chain-within", "../absolute-within");
    link("granted/shallow", "folder/deep");
    link("granted/magic", "/proc/self/cwd");
    linkFiles("granted/links", "../../outside");
    linkFiles("granted/links-within", "../inside");
    linkFiles("granted/links-absolute", outer + "/outside");
    linkFiles("granted/links-absolute-within", within + "/inside");
  }

  private void linkFiles(String directory, String target) throws IOException {
    directory(directory);
    for (String name : List.of("secret", "written", "renamed", "new")) {
      link(directory + '/' + name, target + '/' + name);
    }
  }

  Path granted() {
    return outer.resolve("granted");
  }

  Path other() {
    return outer.resolve("other");
  }

  Path nested() {
    return granted().resolve("nested");
  }

  String words(String line) {
    return line.replace("UPS", UPS).replace("OUTER", outer.toString()).replace("HOST", outer.toString().substring(1));
  }

  /** What the host moves while the program holds it. */
  void moveOut() throws IOException {
    Files.move(granted().resolve("moving"), outer.resolve("moving"));
  }

  void moveBack() throws IOException {
    if (Files.exists(outer.resolve("moving"))) {
      Files.move(outer.resolve("moving"), granted().resolve("moving"));
    }
  }

  /** Mounts a file system in memory, and a directory from outside, in the granted one; false if that cannot be done here. */
  boolean mount() throws IOException, InterruptedException {
    if (!Probe.run(List.of("mount", "-t", "tmpfs", "test", granted().resolve("mounted").toString())).done()) {
      return false;
    }
    Files.createDirectory(granted().resolve("mounted/folder"));
    return Probe.run(List.of("mount", "--bind", outer.resolve("source").toString(), granted().resolve("bound").toString())).done();
  }

  /** Takes away what the deletion of a temporary directory would wonder about. */
  void removeLinks() throws IOException {
    Files.delete(granted().resolve("root"));
    Files.delete(granted().resolve("magic"));
  }

  void unmount() throws IOException, InterruptedException {
    Probe.run(List.of("umount", granted().resolve("mounted").toString(), granted().resolve("bound").toString()));
  }

  /** Names, kinds, modes, times and contents of all of it. */
  Map<String, String> state() throws IOException {
    var state = new TreeMap<String, String>();
    try (Stream<Path> all = Files.walk(outer)) {
      for (Path path : all.toList()) {
        state.put(outer.relativize(path).toString(), state(path));
      }
    }
    return state;
  }

  private static String state(Path path) throws IOException {
    var mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if (Files.isSymbolicLink(path)) {
      return mode + " " + Files.readSymbolicLink(path);
    }
    return Files.isDirectory(path) ? mode.toString() : mode + " " + Files.getLastModifiedTime(path) + ' ' + Files.readString(path);
  }
}
