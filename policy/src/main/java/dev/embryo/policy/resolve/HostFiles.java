package dev.embryo.policy.resolve;

import dev.embryo.policy.resolve.HostPathException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows paths of the host as the kernel does (path_resolution(7)), one component at a time, and notes what it meets.
 *
 * <p>Each name is asked for once and remembered, so all that one resolution says is of one time, and libraries that
 * share directories cost one look each. Not thread-safe.
 */
final class HostFiles {
  /** {@code MAXSYMLINKS}: the kernel follows no more on one path. */
  static final int MAX_LINKS = 40;

  private static final String ATTRIBUTES = "unix:mode,ino,dev,rdev";

  /**
   * Where a path led.
   *
   * @param real the path without symbolic links
   * @param node what is there
   * @param links the symbolic links that were followed, each with its real path
   * @param directories the real directories that were passed through, the root not among them
   */
  record Walk(String real, HostNode node, List<ViewEntry.Link> links, List<String> directories) {}

  private final Map<String, Optional<HostNode>> nodes = new HashMap<>();
  private final Set<String> listed = new HashSet<>();

  /**
   * Follows a path to its end.
   *
   * @param path an absolute path; {@code .} and {@code ..} are taken as the kernel takes them
   * @throws HostPathException if it does not lead to anything
   */
  Walk walk(String path) throws IOException {
    requirePrintable(path);
    return new Walker(path).walk();
  }

  /**
   * What is at a name, symbolic links not followed.
   *
   * @return null when there is nothing
   */
  @Nullable HostNode lstat(String path) throws IOException {
    Optional<HostNode> known = nodes.get(path);
    if (known == null) {
      known = Optional.ofNullable(ask(path));
      nodes.put(path, known);
    }
    return known.orElse(null);
  }

  /** Notes that all names in a directory were looked at. */
  void listed(String directory) {
    listed.add(directory);
  }

  /** Every name that was asked for, with what was there. */
  Map<String, Optional<HostNode>> asked() {
    return nodes;
  }

  /** The directories whose names were all looked at. */
  Set<String> listed() {
    return listed;
  }

  /** Refuses names that could forge a line in a listing, an error or an encoded birth program. */
  static void requirePrintable(String path) throws HostPathException {
    for (int i = 0; i < path.length(); i++) {
      if (Character.isISOControl(path.charAt(i))) {
        throw new HostPathException(
            Reason.UNUSABLE, printable(path) + ": a path with a control character in it is refused");
      }
    }
  }

  /** Makes foreign text fit for one line of a terminal: control and invisible formatting characters become {@code ?}. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "?");
  }

  private static @Nullable HostNode ask(String name) throws IOException {
    try {
      Path path = Path.of(name);
      Map<String, Object> attributes = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
      int mode = (int) number(attributes, "mode");
      String target = HostNode.isLink(mode) ? Files.readSymbolicLink(path).toString() : null;
      FileIdentity identity = FileIdentity.of(number(attributes, "dev"), number(attributes, "ino"));
      return new HostNode(mode, identity, number(attributes, "rdev"), target);
    } catch (NoSuchFileException e) {
      return null;
    } catch (AccessDeniedException e) {
      throw new HostPathException(Reason.DENIED, name + ": permission denied");
    } catch (InvalidPathException e) {
      throw new HostPathException(Reason.UNUSABLE, name + ": the JVM cannot name this file in its locale");
    } catch (FileSystemException e) {
      throw new HostPathException(Reason.UNUSABLE, name + ": " + e.getReason());
    }
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name), name)).longValue();
  }

  /** One walk. */
  private final class Walker {
    private final String path;
    private final Deque<String> pending = new ArrayDeque<>();
    private final List<ViewEntry.Link> links = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();

    Walker(String path) {
      this.path = path;
      push(path);
    }

    Walk walk() throws IOException {
      String current = "";
      HostNode node = look("/");
      while (!pending.isEmpty()) {
        String name = pending.pop();
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        if (!node.isDirectory()) {
          throw new HostPathException(Reason.NOT_A_DIRECTORY,
              path + " cannot be reached: " + current + " is " + node.kind() + ", not a directory");
        }
        if (name.equals("..")) {
          current = current.substring(0, Math.max(0, current.lastIndexOf('/')));
          node = look(current.isEmpty() ? "/" : current);
          continue;
        }
        String next = current + "/" + name;
        HostNode found = look(next);
        if (found.target() != null) {
          follow(next, found.target());
          if (found.target().startsWith("/")) {
            current = "";
            node = look("/");
          }
          continue;
        }
        current = next;
        node = found;
        if (node.isDirectory() && !pending.isEmpty()) {
          directories.add(current);
        }
      }
      return new Walk(current.isEmpty() ? "/" : current, node, links, directories);
    }

    private HostNode look(String name) throws IOException {
      HostNode node;
      try {
        node = lstat(name);
      } catch (HostPathException e) {
        throw name.equals(path) ? e : new HostPathException(e.reason(), path + " cannot be reached: " + e.getMessage());
      }
      if (node == null) {
        throw new HostPathException(Reason.MISSING, missing(name));
      }
      return node;
    }

    private String missing(String name) {
      String what = path + " does not exist";
      if (name.equals(path)) {
        return what;
      }
      return what + ": there is no " + name
          + (links.isEmpty() ? "" : ", to which the symbolic link " + links.get(links.size() - 1).path() + " leads");
    }

    private void follow(String link, String target) throws HostPathException {
      requirePrintable(target);
      links.add(new ViewEntry.Link(link, target));
      if (links.size() > MAX_LINKS) {
        throw new HostPathException(Reason.LOOP,
            path + " cannot be reached: it leads through more than " + MAX_LINKS + " symbolic links, the last is " + link);
      }
      push(target);
    }

    private void push(String names) {
      String[] parts = names.split("/", -1);
      for (int i = parts.length - 1; i >= 0; i--) {
        pending.push(parts[i]);
      }
    }
  }
}
