package dev.embryo.samples.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the program sees at paths, and what it may do there. */
final class View {
  private static final int MOST_LINKS = 40;
  private static final int EXECUTE = 0100;

  final Mount root;
  private final List<Mount> mounts = new ArrayList<>();
  private final Map<Node, Set<String>> rights = new IdentityHashMap<>();
  /** Where the links in /proc lead, which need no path. */
  private final Map<Node, Place> magic = new IdentityHashMap<>();

  /**
   * What a path leads to.
   *
   * @param directory where the name is
   * @param name empty for a path that ends without one, as {@code ..} does
   * @param place null if the name is not there
   */
  record Found(Place directory, String name, @Nullable Place place) {
    boolean isNameless() {
      return name.isEmpty();
    }

    Place there() throws Refused {
      if (place == null) {
        throw new Refused("ENOENT");
      }
      return place;
    }
  }

  /** @param node what each grant is about */
  View(Grants grants, Map<Grant, Node> node, Node files, String host, String program) {
    root = new Mount(Node.foreign(Node.Kind.DIRECTORY), false, null);
    grants.all().stream().filter(grant -> grant.isTree() || grant.mount().isPresent()).forEach(grant ->
        rights.computeIfAbsent(node.get(grant), each -> new TreeSet<>()).addAll(grant.rights()));
    if (!grants.ownRoot()) {
      directories(parent(host)).add(last(host), files);
      directories("/etc").add("passwd", Node.foreign(Node.Kind.FILE));
      return;
    }
    directories("/dev");
    directories(parent(program)).add(last(program), Node.foreign(Node.Kind.FILE));
    grants.all().stream().filter(grant -> grant.mount().isPresent())
        .sorted(Comparator.comparing(grant -> grant.mount().get().length()))
        .forEach(grant -> mount(grant, node.get(grant)));
    if (grants.proc()) {
      Node descriptors = directories("/proc/self/fd");
      Node proc = root.root.at("proc");
      mounts.add(new Mount(proc, true, new Place(root, proc, root.root)));
      grants.all().stream().filter(grant -> grant.number().isPresent()).forEach(grant ->
          magic.put(descriptors.add(Integer.toString(grant.number().getAsInt()), Node.foreign(Node.Kind.LINK)),
              grant.isTree() ? detached(grant, node.get(grant)) : onHost(grant, files)));
    }
  }

  /** A file as its launcher opened it: on a mount of the host. */
  private static Place onHost(Grant grant, Node files) {
    String directory = grant.path().contains("/") ? parent(grant.path()) : "";
    return new Place(new Mount(files, false, null), files.at(grant.path()), directory.isEmpty() ? files : files.at(directory));
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Directories of the root, made where there are none. */
  private Node directories(String path) {
    Node node = root.root;
    for (String name : path.split("/")) {
      if (!name.isEmpty()) {
        Node next = node.entries.get(name);
        node = next == null ? node.add(name, Node.foreign(Node.Kind.DIRECTORY)) : next;
      }
    }
    return node;
  }

  private void mount(Grant grant, Node node) {
    String path = grant.mount().orElseThrow();
    Place at;
    try {
      at = find(Place.rootOf(root), path, false).there();
    } catch (Refused e) {
      Node directory = directories(parent(path));
      at = new Place(root, directory.add(last(path), Node.foreign(node.kind)), directory);
    }
    mounts.add(new Mount(node, grant.isReadOnly(), at));
  }

  /** Walks a path. */
  Found find(Place start, String path, boolean follow) throws Refused {
    if (path.isEmpty()) {
      throw new Refused("ENOENT");
    }
    Place here = path.startsWith("/") ? Place.rootOf(root) : start;
    Found found = new Found(here, "", here);
    Deque<String> rest = new ArrayDeque<>(names(path));
    int links = 0;
    while (!rest.isEmpty()) {
      checkWalkable(here);
      String name = rest.pop();
      if (name.equals("..")) {
        here = above(here);
        found = new Found(here, "", here);
      } else if (!name.equals(".")) {
        Node node = here.node().entries.get(name);
        if (node == null && rest.isEmpty()) {
          return new Found(here, name, null);
        } else if (node == null) {
          throw new Refused("ENOENT");
        } else if (magic.containsKey(node) && (follow || !rest.isEmpty())) {
          here = magic.get(node);
          found = new Found(here, "", here);
        } else if (node.isLink() && (follow || !rest.isEmpty())) {
          if (++links > MOST_LINKS) {
            throw new Refused("ELOOP");
          }
          var target = new ArrayList<>(names(node.content));
          Collections.reverse(target);
          target.forEach(rest::push);
          here = node.content.startsWith("/") ? Place.rootOf(root) : here;
          found = new Found(here, "", here);
        } else {
          Place place = covering(new Place(here.mount(), node, here.node()));
          found = new Found(here, name, place);
          here = place;
        }
      } else {
        found = new Found(here, "", here);
      }
    }
    return found;
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/")).filter(name -> !name.isEmpty()).toList();
  }

  private static void checkWalkable(Place place) throws Refused {
    if (!place.node().isDirectory()) {
      throw new Refused("ENOTDIR");
    } else if (!place.node().permits(EXECUTE)) {
      throw new Refused("EACCES");
    }
  }

  /** What is mounted at a place, or else what is there. */
  private Place covering(Place place) {
    return mounts.stream().filter(each -> each.at != null && each.at.mount() == place.mount() && each.at.node() == place.node())
        .findFirst().map(each -> new Place(each, each.root, each.root.parent)).orElse(place);
  }

  /** Whether something is mounted on what was found, in whatever tree it is looked at. */
  boolean isMountPoint(Found found) {
    Place place = found.place();
    return place != null && (place.mount() != found.directory().mount()
        || mounts.stream().anyMatch(each -> each.at != null && each.at.node() == place.node()));
  }

  /** The place that a tree covers, if something of the tree's is its root. */
  private static Place uncovered(Place place) {
    Place outer = place;
    while (outer.node() == outer.mount().root && outer.mount().at != null) {
      outer = outer.mount().at;
    }
    return outer;
  }

  private static Place above(Place place) throws Refused {
    Place here = uncovered(place);
    Node parent = here.node().parent;
    if (here.node() == here.mount().root || parent == null) {
      return here;
    } else if (!here.node().isWithin(here.mount().root)) {
      throw new Refused("ENOENT"); // it was moved out of the tree
    }
    return new Place(here.mount(), parent, parent.parent);
  }

  /** What may be done with what is at a place: what the grants say of it and of every directory on its way up. */
  Set<String> rights(Place place) {
    var all = new TreeSet<String>();
    Place here = place;
    while (true) {
      all.addAll(rights.getOrDefault(here.node(), Set.of()));
      Place outer = uncovered(here);
      Node directory = outer.directory();
      if (outer.node() == outer.mount().root || directory == null) {
        return all;
      }
      here = new Place(outer.mount(), directory, directory.parent);
    }
  }

  /** The root of a descriptor's tree, out of which nothing leads. */
  static Place detached(Grant grant, Node node) {
    return Place.rootOf(new Mount(node, grant.isReadOnly(), null));
  }
}
