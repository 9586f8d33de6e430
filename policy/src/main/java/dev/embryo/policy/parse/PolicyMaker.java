package dev.embryo.policy.parse;

import dev.embryo.policy.model.Filesystem;
import dev.embryo.policy.model.Identity;
import dev.embryo.policy.model.Limits;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Processes;
import dev.embryo.policy.model.Program;
import dev.embryo.policy.model.SystemCallRules;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes a policy of values without parameters and without problems. */
final class PolicyMaker {

  /** The user and the group that a program sees as its own, unless it is written. */
  private static final int INSIDE = 1000;

  private PolicyMaker() {}

  static Policy policy(Values values) {
    Map<Draft, OptionalInt> numbered = CapabilityReader.check(values, new Problems());
    return new Policy(
        values.get(KeyTable.NAME),
        values.get(KeyTable.VERSION),
        program(values),
        CapabilityReader.finish(numbered, values),
        numbered.keySet().stream().filter(Draft::automatic).map(Draft::name).toList(),
        new Filesystem(values.get(KeyTable.PROGRAMS), values.get(KeyTable.PROC), values.get(KeyTable.DEVICES)),
        new Processes(values.get(KeyTable.THREADS), values.get(KeyTable.SPAWN), values.get(KeyTable.EXECUTE), values.get(KeyTable.JIT)),
        new SystemCallRules(
            values.get(KeyTable.ALLOW), values.get(KeyTable.DENY), values.get(KeyTable.ON_DENIED)),
        limits(values),
        identity(values),
        IsolationReader.read(values, new Problems()),
        values.places());
  }

  private static Program program(Values values) {
    Map<String, String> environment = new LinkedHashMap<>();
    values.names("program.environment")
        .keySet()
        .forEach(name -> environment.put(name, values.find(KeyTable.VARIABLE, name).orElseThrow().fill(Map.of())));
    return new Program(
        values.get(KeyTable.PATH).path(),
        values.get(KeyTable.ARGUMENTS).stream().map(argument -> argument.fill(Map.of())).toList(),
        environment,
        values.get(KeyTable.DIRECTORY),
        values.find(KeyTable.ARGV0),
        values.find(KeyTable.SHA256));
  }

  private static Limits limits(Values values) {
    return new Limits(
        orUnlimited(values.find(KeyTable.MEMORY)),
        values.get(KeyTable.STACK),
        values.get(KeyTable.OPEN_FILES),
        values.get(KeyTable.PROCESSES),
        values.find(KeyTable.CPU_TIME),
        values.find(KeyTable.WALL_TIME),
        orUnlimited(values.find(KeyTable.FILE_SIZE)),
        values.get(KeyTable.CORE),
        values.get(KeyTable.LOCKED),
        values.get(KeyTable.QUEUES),
        values.get(KeyTable.PRIORITY));
  }

  private static OptionalLong orUnlimited(Optional<Long> bytes) {
    return bytes.map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private static Identity identity(Values values) {
    return new Identity(
        orChosen(values.find(KeyTable.USER)),
        orChosen(values.find(KeyTable.GROUP)),
        values.get(KeyTable.GROUPS),
        values.find(KeyTable.INSIDE_USER).orElse(INSIDE),
        values.find(KeyTable.INSIDE_GROUP).orElse(INSIDE));
  }

  private static OptionalInt orChosen(Optional<Integer> id) {
    return id.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
