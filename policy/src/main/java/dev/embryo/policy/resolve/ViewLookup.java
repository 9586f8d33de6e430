package dev.embryo.policy.resolve;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Follows paths inside a view before it exists, as the kernel will once it does. */
final class ViewLookup {
  private final HostFiles files;
  private final Map<String, ViewEntry> entries = new HashMap<>();

  ViewLookup(HostFiles files, List<ViewEntry> view) {
    this.files = files;
    for (ViewEntry entry : view) {
      entries.put(entry.path(), entry);
    }
  }

  /** Whether a path of the view leads to a directory. */
  boolean isDirectory(String path) throws IOException {
    Deque<String> pending = new ArrayDeque<>(List.of(path.split("/", -1)));
    String current = "";
    int links = 0;
    while (!pending.isEmpty()) {
      String name = pending.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        current = current.substring(0, Math.max(0, current.lastIndexOf('/')));
        continue;
      }
      String next = current + "/" + name;
      String target = target(next);
      if (target == null) {
        if (!isDirectoryItself(next)) {
          return false;
        }
        current = next;
      } else if (++links > HostFiles.MAX_LINKS) {
        return false;
      } else {
        push(target, pending);
        current = target.startsWith("/") ? "" : current;
      }
    }
    return true;
  }

  private static void push(String path, Deque<String> pending) {
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      pending.push(names[i]);
    }
  }

  private @Nullable String target(String path) throws IOException {
    if (entries.get(path) instanceof ViewEntry.Link link) {
      return link.target();
    }
    HostNode node = hostNode(path);
    return node == null ? null : node.target();
  }

  private boolean isDirectoryItself(String path) throws IOException {
    ViewEntry entry = entries.get(path);
    if (entry == null) {
      HostNode node = hostNode(path);
      return node != null && node.isDirectory();
    }
    return !(entry instanceof ViewEntry.Mount mount) || mount.directory();
  }

  /** What the host directory that is mounted above a path holds there; null when there is none or the path is an entry. */
  private @Nullable HostNode hostNode(String path) throws IOException {
    if (entries.containsKey(path)) {
      return null;
    }
    for (int end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      ViewEntry above = entries.get(path.substring(0, end));
      if (above instanceof ViewEntry.Mount mount) {
        return files.lstat(mount.host() + path.substring(end));
      }
      if (above != null) {
        return null;
      }
    }
    return null;
  }
}
