package dev.embryo.policy.model;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * One thing that may be done with a capability.
 *
 * <p>Which rights a capability may have depends on its kind; those that this version can enforce are listed at
 * {@link Rights}.
 */
public enum Right {
  /** Read the contents; for a directory, those of the files beneath. */
  READ,
  /** Change the contents; for a directory, those of the files beneath. */
  WRITE,
  /** Add at the end, and change nothing that is there. */
  APPEND,
  /** Move the file offset. */
  SEEK,
  /** Change the size. */
  TRUNCATE,
  /** Force changes to the disk. */
  SYNC,
  /** Ask for size, times, owner and mode. */
  STAT,
  /** Change mode, owner, times and extended attributes. */
  METADATA,
  /** Take file locks. */
  LOCK,
  /** Reserve and free space. */
  ALLOCATE,
  /** Map into memory. */
  MAP,
  /** Map into memory, shared and writable. */
  MAP_WRITE,
  /** Map into memory, executable. */
  MAP_EXECUTE,
  /** Wait until ready. */
  POLL,
  /** Named device controls. */
  IOCTL,
  /** Named descriptor controls. */
  FCNTL,
  /** Execute as a program. */
  EXECUTE,
  /** Keep at another number or pass on. */
  DUPLICATE,
  /** List the names in a directory. */
  LIST,
  /** Walk through a directory to a name in it. */
  LOOKUP,
  /** Make new files and directories. */
  CREATE,
  /** Remove files and directories. */
  DELETE,
  /** Move within the directory, or over another name in it. */
  RENAME,
  /** Make hard links. */
  LINK,
  /** Make symbolic links. */
  SYMLINK,
  /** Take connections from a listening socket. */
  ACCEPT,
  /** Connect a socket, and send to others than its peer. */
  CONNECT,
  /** Give a socket an address. */
  BIND,
  /** Make a socket listen. */
  LISTEN,
  /** End one or both directions of a socket. */
  SHUTDOWN,
  /** Ask for the addresses of a socket. */
  GETNAME,
  /** Ask for the options of a socket. */
  GETOPTION,
  /** Set the options of a socket. */
  SETOPTION,
  /** Send descriptors over a socket. */
  SEND_FDS,
  /** Receive descriptors over a socket. */
  RECEIVE_FDS,
  /** Wait for the end of a process. */
  WAIT,
  /** Send a process signals that the policy names. */
  SIGNAL,
  /** Ask for a process's identity and state. */
  INFO,
  /** Ask for the size of a terminal's window. */
  WINDOW_SIZE,
  /** Set the attributes of a terminal. */
  ATTRIBUTES;

  /** The rights of a directory by which something in it changes: without them, it can be read-only as a whole. */
  public static final Set<Right> CHANGING_TREES =
      Collections.unmodifiableSet(EnumSet.of(WRITE, METADATA, CREATE, DELETE, RENAME, LINK, SYMLINK));

  /** The rights that only a socket has. */
  public static final Set<Right> OF_SOCKETS_ALONE = Collections.unmodifiableSet(EnumSet.of(ACCEPT, CONNECT, LISTEN, SHUTDOWN, GETNAME,
      GETOPTION, SETOPTION, SEND_FDS, RECEIVE_FDS));

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The right as a policy writes it, such as {@code map-write}. */
  public String word() {
    return word;
  }

  @Override
  public String toString() {
    return word;
  }
}
