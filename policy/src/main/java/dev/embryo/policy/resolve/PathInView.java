package dev.embryo.policy.resolve;

import dev.embryo.runtime.linux.Errno;
import java.util.List;
import java.util.Optional;

/**
 * Where a path leads inside the view of a program, links followed. Immutable.
 *
 * @param path what it comes to: absolute, without links, as far as it leads
 * @param kind what is there
 * @param entry what of the view holds it: the nearest entry at or above it; empty at the root itself, and without a root of its own
 * @param host the same file on the host; empty for what is none of the host's
 * @param links the links that were followed, {@code PATH -> TARGET}, in order
 * @param failure why it does not lead to its last name, if it does not
 * @param reason the same in words; empty where nothing failed
 */
public record PathInView(
    String path,
    Kind kind,
    Optional<ViewEntry> entry,
    Optional<String> host,
    List<String> links,
    Optional<Errno> failure,
    String reason) {

  /** What can be at the end of a path. */
  public enum Kind {
    DIRECTORY,
    FILE,
    /** A character device or a block device. */
    DEVICE,
    /** A FIFO or a socket. */
    SPECIAL,
    /** A symbolic link that was not followed. */
    LINK,
    /** Nothing; the directory that it would be in is there. */
    MISSING
  }

  /** Keeps a copy of the list. */
  public PathInView {
    links = List.copyOf(links);
  }

  /** The directory that the last name is in. */
  public String parent() {
    return path.substring(0, Math.max(1, path.lastIndexOf('/')));
  }

  /** Whether it is a mount point of the view, which nobody inside can remove or replace. */
  public boolean isMountPoint() {
    return path.equals("/") || entry.filter(each -> each.path().equals(path) && !(each instanceof ViewEntry.Link)
        && !(each instanceof ViewEntry.Directory)).isPresent();
  }
}
