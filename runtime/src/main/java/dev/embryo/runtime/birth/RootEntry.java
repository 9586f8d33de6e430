package dev.embryo.runtime.birth;

import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import java.util.Set;

/** Something that a private root holds, at an absolute path. */
public sealed interface RootEntry {
  String path();

  /** An empty directory. */
  record Directory(String path) implements RootEntry {}

  /** A symbolic link. */
  record Link(String path, String target) implements RootEntry {}

  /**
   * A file or a directory tree of the host.
   *
   * @param placeExists true if {@code path} is there already, in a tree mounted above it, and must not be made
   * @param source its path on the host, in which no component is a symbolic link
   * @param deviceMajor the device it is on, its major number as statx(2) tells it
   * @param deviceMinor likewise, its minor number
   * @param inode its inode number; another file at {@code source} fails the birth with ESTALE
   * @param attributes {@code MOUNT_ATTR_*}
   * @param accesses what Landlock allows beneath it
   * @param purpose what it is for, behind "cannot mount"
   */
  record Mount(String path, boolean placeExists, String source, boolean directory, int deviceMajor, int deviceMinor, long inode,
      Constant attributes, Set<Access> accesses, String purpose) implements RootEntry {}

  /**
   * An empty file system in memory, writable.
   *
   * @param placeExists as for a mount
   * @param bytes its size
   */
  record Tmpfs(String path, boolean placeExists, long bytes, Set<Access> accesses) implements RootEntry {}

  /** The processes of the pid namespace, read-only, without any other file of /proc; see proc(5), {@code subset=pid}. */
  record Proc(String path, Set<Access> accesses) implements RootEntry {}
}
