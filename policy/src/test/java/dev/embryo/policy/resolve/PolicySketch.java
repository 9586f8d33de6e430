package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem;
import dev.embryo.policy.model.Identity;
import dev.embryo.policy.model.Isolation;
import dev.embryo.policy.model.Limits;
import dev.embryo.policy.model.Places;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Processes;
import dev.embryo.policy.model.Program;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.SystemCallRules;
import dev.embryo.policy.model.Tmpfs;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes policies for tests; keys stand at fixed lines of {@code policy.yaml}, the n-th capability at line 10 + n. */
final class PolicySketch {
  private static final Rights READ = Rights.of(Right.READ, Right.STAT, Right.LIST, Right.LOOKUP);
  private static final Places PLACES = new Places(place(1), Map.of(
      "program.path", place(2),
      "program.directory", place(3),
      "program.sha256", place(4),
      "capabilities", place(10),
      "filesystem", place(30),
      "filesystem.programs", place(31),
      "filesystem.devices", place(32)));

  private final Path path;
  private final Map<String, Capability> capabilities = new LinkedHashMap<>();
  private Map<String, String> environment = Map.of();
  private String directory = "/";
  private Optional<String> name = Optional.empty();
  private Optional<String> sha256 = Optional.empty();
  private Filesystem.Proc proc = Filesystem.Proc.NONE;
  private Filesystem.Programs programs = Filesystem.Programs.CLOSURE;
  private Filesystem.Devices devices = Filesystem.Devices.NONE;
  private Processes.Execute execute = Processes.Execute.NONE;
  private Isolation isolation = isolation(EnumSet.allOf(Isolation.Layer.class), Isolation.Sharing.PRIVATE);

  private PolicySketch(Path path) {
    this.path = path;
  }

  static PolicySketch of(Path program) {
    return new PolicySketch(program);
  }

  PolicySketch environment(String name, String value) {
    environment = Map.of(name, value);
    return this;
  }

  PolicySketch name(String argument0) {
    name = Optional.of(argument0);
    return this;
  }

  PolicySketch sha256(String digest) {
    sha256 = Optional.of(digest);
    return this;
  }

  PolicySketch proc(Filesystem.Proc which) {
    proc = which;
    return this;
  }

  PolicySketch directory(String path) {
    directory = path;
    return this;
  }

  PolicySketch programs(Filesystem.Programs which) {
    programs = which;
    return this;
  }

  /** Requires all layers but namespaces. */
  PolicySketch withoutNamespaces() {
    isolation = isolation(EnumSet.of(Isolation.Layer.LANDLOCK, Isolation.Layer.SECCOMP), Isolation.Sharing.SHARED);
    return this;
  }

  private static Isolation isolation(EnumSet<Isolation.Layer> layers, Isolation.Sharing all) {
    return new Isolation(layers, 1, all, all, all, all);
  }

  PolicySketch execute(Processes.Execute what) {
    execute = what;
    return this;
  }

  PolicySketch devices() {
    devices = Filesystem.Devices.MINIMAL;
    return this;
  }

  PolicySketch grant(String name, Path host, String mount, Right... more) {
    capabilities.put(name, new DirectoryCapability(
        name, host, READ.and(Rights.of(more)), OptionalInt.empty(), Optional.of(mount), next()));
    return this;
  }

  PolicySketch tmpfs(String name, String mount) {
    capabilities.put(name, new Tmpfs(name, 1 << 20, READ, OptionalInt.empty(), Optional.of(mount), next()));
    return this;
  }

  PolicySketch file(String name, Path host, Right... rights) {
    capabilities.put(name, new FileCapability(
        name, host, Rights.of(rights), OptionalInt.of(3 + capabilities.size()), Optional.empty(), next()));
    return this;
  }

  PolicySketch mountedFile(String name, Path host, String mount, Right... rights) {
    capabilities.put(name, new FileCapability(
        name, host, Rights.of(rights), OptionalInt.empty(), Optional.of(mount), next()));
    return this;
  }

  Policy policy() {
    return new Policy(
        "test",
        1,
        new Program(path, List.of(), environment, directory, name, sha256),
        capabilities,
        List.of(),
        new Filesystem(programs, proc, devices),
        new Processes(true, false, execute, false),
        SystemCallRules.NONE,
        new Limits(OptionalLong.empty(), 8 << 20, 256, 16, Optional.empty(), Optional.empty(), OptionalLong.empty(), 0, 0, 0, 0),
        new Identity(OptionalInt.empty(), OptionalInt.empty(), List.of(), 1000, 1000),
        isolation,
        PLACES);
  }

  ResolvedPolicy resolve() throws Exception {
    return new PolicyResolver().resolve(policy());
  }

  private Position next() {
    return place(11 + capabilities.size());
  }

  private static Position place(int line) {
    return new Position("policy.yaml", line, 3);
  }
}
