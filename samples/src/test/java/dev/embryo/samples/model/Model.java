package dev.embryo.samples.model;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What becomes of the acts of a program, by the words of its policy alone. Keeps what the acts have changed. */
final class Model {
  private final Map<Grant, Node> nodes = new IdentityHashMap<>();
  private final DescriptorActs descriptors;
  private final PathActs paths;

  /**
   * @param files the directory of the test, which changes
   * @param host where that directory is
   * @param program where the program is
   * @param root whether the launcher is root, whom a tmpfs belongs to
   */
  Model(Grants grants, Node files, String host, String program, boolean root) {
    var opened = new TreeMap<Integer, Opened>();
    for (Grant grant : grants.all()) {
      Node node = switch (grant.kind()) {
        case TMPFS -> Node.directory(01777);
        case MEMORY -> Node.file(0777, "0".repeat(Grant.MEMORY_SIZE));
        default -> files.at(grant.path());
      };
      node.owned = !root || grant.kind() != Grant.Kind.TMPFS;
      nodes.put(grant, node);
      grant.number().ifPresent(number -> opened.put(number, new Opened(grant, node)));
    }
    descriptors = new DescriptorActs(opened, grants.withoutMetadata());
    paths = new PathActs(new View(grants, nodes, files, host, program), opened, grants);
  }

  /** What a grant is about. */
  Node node(Grant grant) {
    return Objects.requireNonNull(nodes.get(grant));
  }

  /** What an act will end in. Each is asked about once, in their order. */
  Prediction predict(Act act) {
    try {
      return Prediction.works(Acts.isWithDescriptor(act) && !act.name().equals("enter") ? descriptors.act(act) : paths.act(act));
    } catch (Refused e) {
      return new Prediction(e.errnos(), "");
    }
  }
}
