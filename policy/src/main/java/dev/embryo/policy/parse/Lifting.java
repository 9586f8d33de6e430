package dev.embryo.policy.parse;

import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import dev.embryo.policy.parse.Tree.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Capabilities that are written in the middle of the structured arguments. Each gets a name, after the place where it stands,
 * and a reference by that name takes its place. Used by one thread.
 */
final class Lifting {

  private static final int LONGEST = 48;

  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>(); // else many of one name would each try all numbers before
  private final Set<String> taken = new HashSet<>(Policy.STANDARD_STREAMS);

  /** @param names that are capabilities' already */
  Lifting(Set<String> names) {
    taken.addAll(names);
    taken.add(ArgumentsCapability.NAME);
  }

  /** The capabilities, as they would be written. */
  List<Entry> entries() {
    return entries;
  }

  /** Makes a capability of its keys, and gives what refers to it. */
  Tree lift(Position position, String path, List<Entry> keys) {
    String name = free(path);
    entries.add(new Entry(plain(position, name), new Keys(position, keys)));
    return reference(position, name);
  }

  /** What refers to a capability. */
  static Tree reference(Position position, String name) {
    return new Tagged(position, Tags.FD.text(), plain(position, name));
  }

  /** A word that stands in no text. */
  static Text plain(Position position, String word) {
    return new Text(position, word, true, false);
  }

  /** Says of a key behind a tag that it is none of those. */
  static void refuse(Text key, String tag, List<String> words, String path, Problems problems) {
    problems.spoil(path, key.position(), "unknown key " + Printable.quote(key.text()) + Nearest.hint(key.text(), words) + "; " + tag
        + " has " + String.join(", ", words));
  }

  private String free(String path) {
    String place = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    String name = place.replaceAll("[^a-z0-9_]+", "-").replaceAll("^[^a-z]+|-$", "");
    name = name.isEmpty() ? "argument" : name.substring(0, Math.min(name.length(), LONGEST));
    String next = name;
    while (!taken.add(next)) {
      next = name + "-" + numbers.merge(name, 2, (last, first) -> last + 1);
    }
    return next;
  }
}
