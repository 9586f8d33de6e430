package dev.embryo.policy.parse;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.parse.Kind.Way;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes capabilities of what is written for them: all that one key alone cannot tell. */
final class CapabilityReader {

  private final Values values;
  private final Problems problems;

  private CapabilityReader(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** The capabilities by name, in the order of the text; without those about which there is a problem. */
  static Map<String, Capability> read(Values values, Problems problems) {
    return finish(check(values, problems), values);
  }

  /** The capabilities that were checked, by name. */
  static Map<String, Capability> finish(Map<Draft, OptionalInt> numbered, Values values) {
    Map<String, Capability> capabilities = new LinkedHashMap<>();
    numbered.forEach((draft, fd) -> capabilities.put(draft.name(), draft.finish(fd, values)));
    return capabilities;
  }

  /** All that can be known of them while parameters are open: in the order of the text, each with its number if it has one. */
  static Map<Draft, OptionalInt> check(Values values, Problems problems) {
    CapabilityReader reader = new CapabilityReader(values, problems);
    List<Draft> drafts = new ArrayList<>();
    values.names("capabilities").forEach((name, position) -> reader.draft(name, position).ifPresent(drafts::add));
    reader.checkMounts(drafts);
    ArgumentsReader.draft(values).ifPresent(drafts::add); // the last, so that no other's number depends on them
    Descriptors descriptors = new Descriptors(drafts, values, problems);
    Map<Draft, OptionalInt> numbered = new LinkedHashMap<>();
    drafts.forEach(draft -> numbered.put(draft, descriptors.of(draft)));
    return numbered;
  }

  private Optional<Draft> draft(String name, Position position) {
    String path = "capabilities." + name;
    if (problems.touch(path)) {
      return Optional.empty();
    }
    List<Kind<?>> kinds =
        Kind.ALL.stream().filter(kind -> values.find(kind.key(), name).isPresent()).<Kind<?>>map(k -> k).toList();
    if (kinds.size() != 1) {
      List<String> found = kinds.stream().map(Kind::word).toList();
      List<String> known = Kind.ALL.stream().map(Kind::word).toList();
      problems.at(path, position, kinds.isEmpty()
          ? "has no kind; write one of " + String.join(", ", known)
          : "has the kinds " + String.join(", ", found) + "; write one of them");
      return Optional.empty();
    }
    return draft(kinds.get(0), name, position);
  }

  private Optional<Draft> draft(Kind<?> kind, String name, Position position) {
    Optional<WrittenRights> written = values.find(KeyTable.RIGHTS, name);
    RightsRule rule = kind.rights(values, name);
    Optional<Rights> rights = written.isPresent()
        ? rule.read(KeyTable.RIGHTS.path(name), written.get(), problems)
        : Optional.of(rule.unwritten());
    checkFd(kind, name, position);
    checkMount(kind, name, position);
    checkOptions(kind, name);
    if (kind.key() == KeyTable.PIPE && values.names("parameters").containsKey(name)) {
      problems.at("capabilities." + name, position, "is a pipe, which a launch finds by its name, and that is a parameter's; choose another");
    }
    return problems.touch("capabilities." + name)
        ? Optional.empty()
        : rights.map(r -> new Draft(kind, name, r, fixed(name), values.find(KeyTable.MOUNT, name), position));
  }

  private void checkOptions(Kind<?> kind, String name) {
    for (Kind.Option option : Kind.OPTIONS) {
      if (values.find(option.key(), name).isPresent() && option.of() != kind.key()) {
        String path = option.key().path(name);
        problems.at(path, values.places().at(path), "goes with '" + option.of().word() + "'; " + kind.noun() + " has no such option");
      }
    }
    boolean useless = values.find(KeyTable.BACKLOG, name).isPresent()
        && values.find(KeyTable.LISTEN, name).filter(SocketAddress::isDatagram).isPresent();
    if (useless) {
      String path = KeyTable.BACKLOG.path(name);
      problems.at(path, values.places().at(path), "a datagram socket has no connections that could wait");
    }
  }

  private void checkFd(Kind<?> kind, String name, Position position) {
    String path = KeyTable.FD.path(name);
    Optional<OptionalInt> fd = values.find(KeyTable.FD, name);
    int stream = Policy.STANDARD_STREAMS.indexOf(name);
    boolean descriptor = kind.descriptor() != Way.NEVER;
    boolean mounted = kind.mounted() == Way.EITHER && values.find(KeyTable.MOUNT, name).isPresent();
    if (stream >= 0 && !descriptor) {
      problems.at("capabilities." + name, position,
          "is descriptor " + stream + ", and " + kind.noun() + " is only mounted; choose another name");
    } else if (stream >= 0 && fd.isPresent() && !fd.get().equals(OptionalInt.of(stream))) {
      problems.at(path, values.places().at(path), "'" + name + "' is descriptor " + stream);
    } else if (descriptor && !mounted && fd.isPresent() && fd.get().isEmpty()) {
      problems.at(path, values.places().at(path), kind.noun() + " is not mounted, so it needs a descriptor");
    } else if (!descriptor && fd.isPresent() && fd.get().isPresent()) {
      problems.at(path, values.places().at(path), kind.noun() + " has no descriptor; it is only mounted");
    }
  }

  private void checkMount(Kind<?> kind, String name, Position position) {
    String path = KeyTable.MOUNT.path(name);
    boolean written = values.find(KeyTable.MOUNT, name).isPresent();
    if (kind.mounted() == Way.ALWAYS && !written) {
      problems.at("capabilities." + name, position,
          kind.noun() + " needs 'mount', the path at which the program sees it");
    } else if (kind.mounted() == Way.NEVER && written) {
      problems.at(path, values.places().at(path), kind.noun() + " cannot be mounted");
    }
  }

  /** The number that a capability must have: what is written, or that of the standard stream whose name it has. */
  private OptionalInt fixed(String name) {
    int stream = Policy.STANDARD_STREAMS.indexOf(name);
    return values.find(KeyTable.FD, name).orElse(stream < 0 ? OptionalInt.empty() : OptionalInt.of(stream));
  }

  private void checkMounts(List<Draft> drafts) {
    boolean devices = values.get(KeyTable.DEVICES) != Devices.NONE;
    Map<String, String> owners = new HashMap<>();
    for (Draft draft : drafts) {
      String mount = draft.mount().orElse("");
      String owner = mount.isEmpty() ? null : owners.putIfAbsent(mount, draft.name());
      if (owner != null) {
        refuseMount(draft, "'" + mount + "' is where '" + owner + "' is mounted already");
      } else if (devices && TextRule.within(mount, "/dev")) {
        refuseMount(draft, "/dev holds the devices; mount elsewhere, or write 'devices: none' in filesystem");
      }
    }
  }

  private void refuseMount(Draft draft, String message) {
    String path = KeyTable.MOUNT.path(draft.name());
    problems.at(path, values.places().at(path), message);
  }
}
