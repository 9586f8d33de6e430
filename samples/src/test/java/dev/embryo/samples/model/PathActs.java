package dev.embryo.samples.model;

import dev.embryo.samples.model.View.Found;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What becomes of acts with paths. */
final class PathActs {
  private static final int READ = 0400;
  private static final int WRITE = 0200;
  private static final int LONGEST = 64;

  private final View view;
  private final Map<Integer, Opened> descriptors;
  private final Grants grants;
  private Place here;

  PathActs(View view, Map<Integer, Opened> descriptors, Grants grants) {
    this.view = view;
    this.descriptors = descriptors;
    this.grants = grants;
    here = Place.rootOf(view.root);
  }

  /** @return what is found */
  String act(Act act) throws Refused {
    switch (act.name()) {
      case "enter" -> enter(start(act, Acts.LOOKUP));
      case "go" -> enter(follow(act, Acts.LOOKUP).there());
      case "look" -> {
        return status(follow(act, "stat").there().node());
      }
      case "look-at" -> {
        return status(found(act, "stat", 2, false).there().node());
      }
      case "target" -> {
        Node link = found(act, "stat", 2, false).there().node();
        new Reasons().when(!link.isLink(), "EINVAL").check();
        return link.isForeign() ? Prediction.ANYTHING : link.content;
      }
      case "list" -> {
        return list(follow(act, Acts.LOOKUP).there());
      }
      case "read" -> {
        Node file = open(follow(act, Acts.LOOKUP).there(), READ);
        return file.content.substring(0, Math.min(LONGEST, file.content.length()));
      }
      case "write" -> open(follow(act, Acts.LOOKUP).there(), WRITE).write(0, act.word(3));
      case "append" -> {
        Node file = open(follow(act, Acts.LOOKUP).there(), WRITE);
        file.write(file.content.length(), act.word(3));
      }
      case "both" -> open(follow(act, Acts.LOOKUP).there(), READ | WRITE);
      case "empty" -> open(follow(act, Acts.LOOKUP).there(), READ | WRITE).resize(0);
      case "cut" -> open(follow(act, Acts.LOOKUP).there(), WRITE).resize(act.number(3));
      case "create", "ensure" -> create(act);
      case "mkdir" -> make(found(act, Acts.LOOKUP, 2, false), "create", Node.directory(0750));
      case "symlink" -> make(found(act, Acts.LOOKUP, 2, false), "symlink", Node.link(act.word(3)));
      case "unlink", "rmdir" -> remove(found(act, Acts.LOOKUP, 2, false), act.name().equals("rmdir"));
      case "rename" -> rename(found(act, Acts.LOOKUP, 2, false), found(act, Acts.LOOKUP, 3, false));
      case "link" -> link(act);
      case "mode", "touch" -> change(act);
      default -> throw new IllegalArgumentException(act.line());
    }
    return "";
  }

  private Found follow(Act act, String need) throws Refused {
    return found(act, need, 2, true);
  }

  private Found found(Act act, String need, int word, boolean follow) throws Refused {
    String path = act.word(word);
    return view.find(path.startsWith("/") && act.word(1).equals("cwd") ? here : start(act, need, path), path, follow);
  }

  private Place start(Act act, String need) throws Refused {
    return start(act, need, "");
  }

  private Place start(Act act, String need, String path) throws Refused {
    if (act.word(1).equals("cwd")) {
      return here;
    }
    Opened opened = descriptors.get(act.number(1));
    if (opened != null) {
      opened.demand(need);
    }
    if (path.startsWith("/")) {
      return here;
    } else if (opened == null) {
      throw new Refused("EBADF");
    } else if (opened.tree == null) {
      throw new Refused("ENOTDIR");
    }
    return opened.tree;
  }

  private void enter(Place place) throws Refused {
    new Reasons().when(!place.node().isDirectory(), "ENOTDIR").when(!place.node().permits(0100), "EACCES").check();
    here = place;
  }

  private static String status(Node node) {
    return node.isForeign() ? Prediction.ANYTHING : node.status();
  }

  private boolean lacks(Place place, String right) {
    return !view.rights(place).contains(right);
  }

  /** Nothing changes where a mount is read-only, nor outside of the grants. */
  private static Reasons unlessFixed(Reasons reasons, Place place) {
    return reasons.when(place.mount().readOnly, "EROFS").when(place.node().isForeign(), "EROFS", "EACCES", "ENOENT");
  }

  private String list(Place place) throws Refused {
    new Reasons().when(!place.node().isDirectory(), "ENOTDIR").when(lacks(place, "list"), "EACCES")
        .when(!place.node().permits(READ), "EACCES").check();
    return String.join(",", place.node().entries.keySet());
  }

  private Node open(Place place, int how) throws Refused {
    Node node = place.node();
    boolean reads = (how & READ) != 0;
    boolean writes = (how & WRITE) != 0;
    var reasons = new Reasons().when(node.isDirectory(), "EISDIR").when(!node.permits(how), "EACCES")
        .when(reads && lacks(place, "read"), "EACCES").when(writes && lacks(place, "write"), "EACCES");
    (writes ? unlessFixed(reasons, place) : reasons).check();
    return node;
  }

  private void create(Act act) throws Refused {
    boolean mayBeThere = act.name().equals("ensure");
    Found found = found(act, Acts.LOOKUP, 2, mayBeThere);
    if (found.place() != null) {
      new Reasons().when(!mayBeThere, "EEXIST").check();
      open(found.place(), WRITE);
      return;
    }
    Node made = make(found, "create", Node.file(0640, "")); // it stays, even if it may not be opened
    new Reasons().when(lacks(new Place(found.directory().mount(), made, found.directory().node()), "write"), "EACCES").check();
  }

  private Node make(Found found, String right, Node node) throws Refused {
    new Reasons().when(found.place() != null, "EEXIST").check();
    entering(found.directory(), right).check();
    return found.directory().node().add(found.name(), node);
  }

  /** Why a directory gets no name. */
  private Reasons entering(Place directory, String right) {
    return leaving(directory, right).when(directory.node().removed, "ENOENT");
  }

  /** Why a directory does not lose a name. */
  private Reasons leaving(Place directory, String right) {
    return unlessFixed(new Reasons().when(lacks(directory, right), "EACCES").when(!directory.node().permits(WRITE), "EACCES"), directory);
  }

  private void remove(Found found, boolean directory) throws Refused {
    new Reasons().when(found.isNameless(), "EISDIR", "EINVAL", "ENOTEMPTY", "EBUSY", "EROFS").check();
    if (found.place() == null) {
      unlessFixed(new Reasons().when(true, "ENOENT"), found.directory()).check();
    }
    Node node = found.there().node();
    leaving(found.directory(), "delete").when(view.isMountPoint(found), "EBUSY")
        .when(node.isDirectory() && !directory, "EISDIR").when(!node.isDirectory() && directory, "ENOTDIR")
        .when(!node.entries.isEmpty(), "ENOTEMPTY").check();
    found.directory().node().take(found.name());
    node.removed = true;
  }

  private void rename(Found from, Found to) throws Refused {
    var early = new Reasons().when(from.isNameless() || to.isNameless(), "EBUSY", "EXDEV", "EROFS")
        .when(from.directory().mount() != to.directory().mount(), "EXDEV").when(from.place() == null, "ENOENT");
    unlessFixed(unlessFixed(early, from.directory()), to.directory()).check();
    Node node = from.there().node();
    var reasons = moving(from, to, node).when(lacks(from.directory(), "delete"), "EACCES")
        .when(!from.directory().node().permits(WRITE), "EACCES").when(view.isMountPoint(from) || view.isMountPoint(to), "EBUSY")
        .when(to.directory().node().isWithin(node), "EINVAL")
        .when(node.isDirectory() && from.directory().node() != to.directory().node() && !node.permits(WRITE), "EACCES");
    if (to.place() != null) {
      Node old = to.place().node();
      reasons.when(lacks(to.directory(), "delete"), "EACCES").when(from.directory().node().isWithin(old), "ENOTEMPTY")
          .when(old.isDirectory() && !node.isDirectory(), "EISDIR").when(!old.isDirectory() && node.isDirectory(), "ENOTDIR")
          .when(old != node && !old.entries.isEmpty(), "ENOTEMPTY").check();
      if (old == node) {
        return;
      }
      old.removed = true;
    }
    reasons.check();
    from.directory().node().take(from.name());
    to.directory().node().add(to.name(), node);
  }

  private void link(Act act) throws Refused {
    if (grants.withoutLinks()) {
      throw new Refused("EPERM");
    }
    Found from = found(act, Acts.LOOKUP, 2, false);
    Node node = from.there().node();
    Found to = found(act, Acts.LOOKUP, 3, false);
    new Reasons().when(to.place() != null, "EEXIST").check();
    moving(from, to, node).when(from.directory().mount() != to.directory().mount(), "EXDEV")
        .when(node.isDirectory(), "EPERM", "EXDEV", "EACCES").when(node.isForeign(), "EPERM").check();
    to.directory().node().add(to.name(), node);
  }

  /** Why something gets no name elsewhere. Nothing is moved to where more may be done with it. */
  private Reasons moving(Found from, Found to, Node node) {
    var reasons = entering(to.directory(), node.isLink() ? "symlink" : "create");
    if (from.directory().node() != to.directory().node()) {
      Set<String> before = view.rights(from.directory());
      Set<String> after = view.rights(to.directory());
      boolean refers = Stream.of(before, after).allMatch(each -> each.contains("rename") || each.contains("link"));
      if (!node.isDirectory()) {
        after.removeIf(right -> !Set.of("read", "write").contains(right));
      }
      after.removeAll(Set.of("metadata", "rename", "link"));
      reasons.when(!refers || !before.containsAll(after), "EXDEV", "EACCES");
    }
    return reasons;
  }

  private void change(Act act) throws Refused {
    boolean mode = act.name().equals("mode");
    boolean refused = grants.withoutMetadata() || mode && (act.number(3) & DescriptorActs.SET_ID_BITS) != 0;
    boolean opensBefore = mode && act.number(4) == 0;
    new Reasons().when(refused && !opensBefore, "EPERM").check();
    Place place = follow(act, opensBefore ? Acts.LOOKUP : "metadata").there();
    new Reasons().when(refused, "EPERM").check();
    unlessFixed(new Reasons().when(place.node().isForeign() || !place.node().owned, "EPERM"), place).check();
    if (mode) {
      place.node().mode = act.number(3);
    } else {
      place.node().touched = true;
    }
  }
}
