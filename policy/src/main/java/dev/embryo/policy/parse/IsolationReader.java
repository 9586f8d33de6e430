package dev.embryo.policy.parse;

import dev.embryo.policy.model.Isolation;
import dev.embryo.policy.model.Isolation.Layer;
import dev.embryo.policy.model.Isolation.Sharing;
import java.util.EnumSet;

/** Reads the layers of a policy, and says which other keys mean nothing without namespaces. */
final class IsolationReader {

  private static final String WITHOUT = ", which isolation.require leaves out";

  private final Values values;
  private final Problems problems;
  private final boolean namespaces;

  private IsolationReader(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
    this.namespaces = values.get(KeyTable.REQUIRE).contains(Layer.NAMESPACES);
  }

  static Isolation read(Values values, Problems problems) {
    IsolationReader reader = new IsolationReader(values, problems);
    reader.checkInside(KeyTable.INSIDE_USER);
    reader.checkInside(KeyTable.INSIDE_GROUP);
    return new Isolation(
        EnumSet.copyOf(values.get(KeyTable.REQUIRE)),
        values.get(KeyTable.LANDLOCK),
        reader.sharing(KeyTable.PID),
        reader.sharing(KeyTable.NET),
        reader.sharing(KeyTable.IPC),
        reader.sharing(KeyTable.HOSTNAME));
  }

  private Sharing sharing(Key<Sharing> key) {
    Sharing sharing = values.find(key).orElse(namespaces ? Sharing.PRIVATE : Sharing.SHARED);
    if (sharing == Sharing.PRIVATE && !namespaces) {
      problem(key, "'private' takes a namespace" + WITHOUT + "; write 'shared'");
    }
    return sharing;
  }

  private void checkInside(Key<Integer> key) {
    if (!namespaces && values.find(key).isPresent()) {
      problem(key, "only in a user namespace does a program see another id than its own" + WITHOUT);
    }
  }

  private void problem(Key<?> key, String message) {
    problems.at(key.path(), values.places().at(key.path()), message);
  }
}
