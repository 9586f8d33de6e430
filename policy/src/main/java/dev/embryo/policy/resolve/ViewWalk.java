package dev.embryo.policy.resolve;

import dev.embryo.policy.resolve.PathInView.Kind;
import dev.embryo.runtime.linux.Errno;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Follows paths as the kernel will inside the view of a program that has just begun (path_resolution(7)), and looks at the
 * host's files as they are now where the view shows those. A file system in memory is empty; of the processes in /proc only
 * their names are known. Not thread-safe.
 */
public final class ViewWalk {
  private static final int MAX_NAME = 255;
  private static final int MAX_PATH = 4095;
  private static final Pattern PROCESS = Pattern.compile("(self|thread-self|[1-9][0-9]*)(?=/|$)");
  private static final Pattern PROCESS_DIRECTORY =
      Pattern.compile("[a-z0-9-]+(/task/[0-9]+)?(/(task|fd|fdinfo|ns|net|attr|map_files))?");

  private final HostFiles files = new HostFiles();
  private final Map<String, ViewEntry> entries = new HashMap<>();
  private final HostPermissions permissions;
  private final boolean ownRoot;

  /**
   * For a program.
   *
   * @param ownRoot whether it has a root of its own; else it sees the host's paths
   * @param permissions what its user may do with files of the host
   */
  public ViewWalk(ResolvedPolicy resolved, boolean ownRoot, HostPermissions permissions) {
    this.ownRoot = ownRoot;
    this.permissions = permissions;
    if (ownRoot) {
      resolved.view().forEach(entry -> entries.put(entry.path(), entry));
    }
  }

  /**
   * Follows a path.
   *
   * @param path absolute
   * @param followLast whether a link that is its last name is followed
   */
  public PathInView follow(String path, boolean followLast) throws IOException {
    return new Walk(followLast).to(path);
  }

  /** The directory that the end of a walk is in, which is there. */
  public PathInView parent(PathInView place) throws IOException {
    return follow(place.parent(), false);
  }

  /** One name: what it is, the link's target, where it is on the host. */
  private record Node(Kind kind, @Nullable String target, @Nullable String host) {}

  private Node look(String path) throws IOException {
    if (!ownRoot) {
      return host(path.isEmpty() ? "/" : path);
    }
    if (path.isEmpty()) {
      return new Node(Kind.DIRECTORY, null, null);
    }
    ViewEntry entry = entries.get(path);
    if (entry instanceof ViewEntry.Link link) {
      return new Node(Kind.LINK, link.target(), null);
    } else if (entry instanceof ViewEntry.Mount mount) {
      return host(mount.host().toString());
    } else if (entry != null) {
      return new Node(Kind.DIRECTORY, null, null);
    }
    ViewEntry above = nearest(path);
    if (above instanceof ViewEntry.Mount mount) {
      return host(mount.host() + path.substring(mount.path().length()));
    } else if (above instanceof ViewEntry.Proc proc) {
      return new Node(process(path.substring(proc.path().length() + 1)), null, null);
    }
    return new Node(Kind.MISSING, null, null);
  }

  /** Of a /proc that shows processes only: a directory for each, and what that holds, taken to be there. */
  private static Kind process(String name) {
    if (!PROCESS.matcher(name).lookingAt()) {
      return Kind.MISSING;
    }
    return PROCESS_DIRECTORY.matcher(name).matches() ? Kind.DIRECTORY : Kind.FILE;
  }

  private Node host(String path) throws IOException {
    HostNode node = files.lstat(path);
    if (node == null) {
      return new Node(Kind.MISSING, null, path);
    }
    if (node.target() != null) {
      return new Node(Kind.LINK, node.target(), path);
    }
    return new Node(node.isDirectory() ? Kind.DIRECTORY : node.isRegular() ? Kind.FILE
        : node.isDevice() ? Kind.DEVICE : Kind.SPECIAL, null, path);
  }

  private @Nullable ViewEntry nearest(String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      ViewEntry entry = entries.get(path.substring(0, end));
      if (entry != null) {
        return entry;
      }
    }
    return null;
  }

  /** One walk. */
  private final class Walk {
    private final boolean followLast;
    private final Deque<String> pending = new ArrayDeque<>();
    private final List<String> links = new ArrayList<>();
    private String current = "";

    Walk(boolean followLast) {
      this.followLast = followLast;
    }

    PathInView to(String path) throws IOException {
      if (path.isEmpty()) {
        return failed(Errno.ENOENT, "an empty path leads nowhere");
      }
      if (path.length() > MAX_PATH) {
        return failed(Errno.ENAMETOOLONG, "no path is longer than " + MAX_PATH + " bytes");
      }
      push(path);
      Node node = look("");
      while (!pending.isEmpty()) {
        String name = pending.pop();
        if (node.kind() != Kind.DIRECTORY) {
          return failed(Errno.ENOTDIR, shown() + " is no directory");
        }
        if (node.host() != null && !permissions.mayEnter(node.host())) {
          return failed(Errno.EACCES, "the directory " + shown() + " is closed to the program's user, by its permissions on the host");
        }
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        if (name.length() > MAX_NAME) {
          return failed(Errno.ENAMETOOLONG, "no name is longer than " + MAX_NAME + " bytes");
        }
        if (name.equals("..")) {
          current = current.substring(0, Math.max(0, current.lastIndexOf('/')));
          node = look(current);
          continue;
        }
        String next = current + "/" + name;
        Node found = look(next);
        boolean last = pending.isEmpty();
        if (found.target() != null && (!last || followLast)) {
          links.add(next + " -> " + found.target());
          if (links.size() > HostFiles.MAX_LINKS) {
            return failed(Errno.ELOOP, "it leads through more than " + HostFiles.MAX_LINKS + " symbolic links");
          }
          push(found.target());
          if (found.target().startsWith("/")) {
            current = "";
            node = look("");
          }
          continue;
        }
        if (found.kind() == Kind.MISSING && pending.stream().anyMatch(rest -> !rest.isEmpty())) {
          return failed(Errno.ENOENT, "there is no " + next + why(next));
        }
        current = next;
        node = found;
        if (node.kind() == Kind.MISSING) {
          break;
        }
      }
      return at(node.kind(), Optional.ofNullable(node.host()), Optional.empty(), node.kind() == Kind.MISSING
          ? "there is no " + shown() + why(shown()) : "");
    }

    private String why(String path) {
      ViewEntry above = ownRoot ? nearest(path) : null;
      if (!ownRoot || above instanceof ViewEntry.Mount) {
        return " on the host";
      }
      return above instanceof ViewEntry.Tmpfs tmpfs ? ": the file system in memory at " + tmpfs.path() + " is empty at first"
          : above instanceof ViewEntry.Proc ? ": it shows processes and nothing else" : " in its root: nothing was granted there";
    }

    private PathInView failed(Errno errno, String reason) {
      return at(Kind.MISSING, Optional.empty(), Optional.of(errno), reason);
    }

    private PathInView at(Kind kind, Optional<String> host, Optional<Errno> failure, String reason) {
      return new PathInView(shown(), kind, Optional.ofNullable(nearest(current)), host, links, failure, reason);
    }

    private String shown() {
      return current.isEmpty() ? "/" : current;
    }

    /** A slash at the end asks for a directory: it stays as an empty name behind the last. */
    private void push(String path) {
      String[] names = path.split("/", -1);
      for (int i = names.length - 1; i >= 0; i--) {
        pending.push(names[i]);
      }
    }
  }
}
