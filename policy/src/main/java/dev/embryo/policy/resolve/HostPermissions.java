package dev.embryo.policy.resolve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the user of a program may do with files of the host: the permissions that they have there now, apart from what the
 * sandbox adds. Immutable.
 *
 * @param user the host user that the program runs as; empty for one that owns nothing on the host
 * @param groups its host groups
 * @param launcher whether it is the user of this process; then the kernel is asked, and else the mode is read
 */
public record HostPermissions(OptionalInt user, Set<Integer> groups, boolean launcher) {
  private static final int READ = 4;
  private static final int WRITE = 2;
  private static final int EXECUTE = 1;

  /** Keeps a copy of the set. */
  public HostPermissions {
    groups = Set.copyOf(groups);
  }

  /** Whether names can be looked up in a directory. */
  public boolean mayEnter(String directory) {
    return may(directory, EXECUTE);
  }

  /** Whether a file can be read, or a directory listed. */
  public boolean mayRead(String path) {
    return may(path, READ);
  }

  /** Whether a file can be written, or names be made and removed in a directory. */
  public boolean mayWrite(String path) {
    return may(path, WRITE);
  }

  /** Whether a file can be executed. */
  public boolean mayExecute(String path) {
    return may(path, EXECUTE);
  }

  /** Whether it is the owner of a file, and so can change its mode. */
  public boolean owns(String path) {
    try {
      return user.isPresent() && number(attributes(path, "unix:uid"), "uid") == user.getAsInt();
    } catch (IOException gone) {
      return false;
    }
  }

  /** Whether the file system of a path is mounted for reading only on the host. */
  public static boolean isReadOnly(String path) {
    try {
      return Files.getFileStore(Path.of(path)).isReadOnly();
    } catch (IOException gone) {
      return false;
    }
  }

  /** Whether two files of the host are on one device; also if one of them is gone. */
  public static boolean areTogether(String one, String other) {
    try {
      return attributes(one, "unix:dev").equals(attributes(other, "unix:dev"));
    } catch (IOException gone) {
      return true;
    }
  }

  /** Whether hard links to files of others are restricted: {@code fs.protected_hardlinks}. */
  public static boolean protectsLinks() {
    try {
      return !Files.readString(Path.of("/proc/sys/fs/protected_hardlinks")).strip().equals("0");
    } catch (IOException unreadable) {
      return true;
    }
  }

  private boolean may(String name, int right) {
    Path path = Path.of(name);
    if (launcher) {
      return right == READ ? Files.isReadable(path) : right == WRITE ? Files.isWritable(path) : Files.isExecutable(path);
    }
    try {
      var attributes = attributes(name, "unix:mode,uid,gid");
      boolean owner = user.isPresent() && number(attributes, "uid") == user.getAsInt();
      int shift = owner ? 6 : groups.contains(number(attributes, "gid")) ? 3 : 0;
      return (number(attributes, "mode") >> shift & right) != 0;
    } catch (IOException gone) {
      return true; // that it is not there is said elsewhere
    }
  }

  private static Map<String, Object> attributes(String path, String names) throws IOException {
    return Files.readAttributes(Path.of(path), names, LinkOption.NOFOLLOW_LINKS);
  }

  private static int number(Map<String, Object> attributes, String name) {
    return attributes.get(name) instanceof Number number ? number.intValue() : -1;
  }
}
