package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.Tmpfs;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One run of the resolver over one policy: program, then devices, then capabilities, then the view of them all. */
final class Resolution {
  /** A device of {@code devices: minimal}, with its numbers (Linux, {@code Documentation/admin-guide/devices.txt}). */
  private record Device(String path, int major, int minor) {}

  private static final List<Device> MINIMAL_DEVICES = List.of(
      new Device("/dev/full", 1, 7),
      new Device("/dev/null", 1, 3),
      new Device("/dev/random", 1, 8),
      new Device("/dev/urandom", 1, 9),
      new Device("/dev/zero", 1, 5));
  /** Opens as whatever terminal controls the session of the process that opens it. */
  private static final Device CONTROLLING_TERMINAL = new Device("/dev/tty", 5, 0);

  /** Something that is done for one key of the policy and can fail. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  private final Policy policy;
  private final Set<Integer> terminals;
  private final HostFiles files = new HostFiles();
  private final List<Problem> problems = new ArrayList<>();
  private final ViewAssembly view = new ViewAssembly(files, problems);
  private final ProgramAssembly programs;
  private final Map<String, ResolvedFile> opened = new LinkedHashMap<>();
  private final Set<String> data = new HashSet<>(); // granted files, of which the content does not matter
  private final long begun = System.currentTimeMillis();
  private final boolean hasRoot;
  private @Nullable ResolvedProgram program;

  Resolution(Policy policy, Set<Integer> terminals, String loaderCache, Optional<Machine> machine) {
    this.policy = policy;
    this.terminals = terminals;
    this.programs = new ProgramAssembly(policy, loaderCache, machine, files, view);
    hasRoot = policy.isolation().hasNamespaces();
  }

  ResolvedPolicy resolve() throws PolicyException {
    if (policy.filesystem().programs().scope() == Programs.Scope.SYSTEM) {
      step("filesystem.programs", programs::showSystem);
    }
    for (String path : policy.processes().execute().paths()) { // before the program, which may be one of them
      step("processes.execute", () -> programs.showExecutable(path));
    }
    resolveProgram();
    for (Path path : policy.filesystem().programs().paths()) {
      step("filesystem.programs", () -> programs.showListed(path));
    }
    if (policy.filesystem().proc() == Proc.OWN) {
      view.proc();
    }
    if (policy.filesystem().devices() == Devices.MINIMAL) {
      MINIMAL_DEVICES.forEach(device -> step("filesystem.devices", () -> showDevice(device, MountUse.DEVICE)));
      if (!terminals.isEmpty() && !terminalIsRestricted()) {
        step("filesystem.devices", () -> showDevice(CONTROLLING_TERMINAL, terminalUse()));
      }
    }
    policy.capabilities().values().forEach(capability -> {
      try {
        resolve(capability);
      } catch (IOException e) {
        problems.add(Problem.with("capabilities." + capability.name(), capability.position(), describe(e)));
      }
    });
    List<ViewEntry> entries = new ArrayList<>();
    step("filesystem", () -> entries.addAll(hasRoot ? view.assemble() : view.onHost()));
    if (problems.isEmpty()) {
      step("program.directory", () -> checkWorkingDirectory(entries));
    }
    if (program == null || !problems.isEmpty()) {
      problems.sort(Comparator.comparing(Problem::position));
      throw new PolicyException(problems);
    }
    return new ResolvedPolicy(policy, program, entries, opened, programs.executables(), terminals);
  }

  /** What the result depends on, after a resolution that succeeded; empty if that is changing just now. */
  Optional<HostFacts> facts() {
    return HostFacts.of(files, data, begun);
  }

  /** The program's own failures are told apart, for a launcher answers them with exit statuses of their own. */
  private void resolveProgram() {
    HostFiles.Walk walk;
    try {
      walk = files.walk(policy.program().path().toString());
    } catch (IOException e) {
      boolean missing = e instanceof HostPathException found && found.reason() == HostPathException.Reason.MISSING;
      programProblem(e, missing ? Problem.Kind.PROGRAM_NOT_FOUND : Problem.Kind.PROGRAM_NOT_EXECUTABLE);
      return;
    }
    try {
      program = programs.showProgram(walk);
    } catch (IOException e) {
      programProblem(e, Problem.Kind.PROGRAM_NOT_EXECUTABLE);
    }
  }

  private void programProblem(IOException e, Problem.Kind kind) {
    String key = e instanceof ProgramException program ? program.key() : "program.path";
    problems.add(Problem.with(key, policy.places().at(key), describe(e), kind));
  }

  private void step(String key, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      problems.add(Problem.with(key, policy.places().at(key), describe(e)));
    }
  }

  private static String describe(IOException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
    return HostFiles.printable(e instanceof AccessDeniedException ? message + " cannot be read: permission denied" : message);
  }

  /** By its path it could be opened again, at a number where nothing is withheld. */
  private boolean terminalIsRestricted() {
    return policy.descriptors().values().stream().anyMatch(capability ->
        capability instanceof Inherit inherit && terminals.contains(inherit.from()) && inherit.rights().areExact());
  }

  /** By its path the terminal can be opened for no more than it is granted for by number. */
  private MountUse terminalUse() {
    boolean reads = false;
    boolean writes = false;
    for (Capability capability : policy.descriptors().values()) {
      if (capability instanceof Inherit inherit && terminals.contains(inherit.from())) {
        reads |= inherit.rights().has(Right.READ);
        writes |= inherit.rights().has(Right.WRITE);
      }
    }
    return reads && writes ? MountUse.TERMINAL : writes ? MountUse.TERMINAL_OUTPUT : MountUse.TERMINAL_INPUT;
  }

  private void showDevice(Device device, MountUse use) throws IOException {
    HostFiles.Walk walk = files.walk(device.path);
    HostNode node = walk.node();
    boolean genuine = node.isCharacterDevice()
        && FileIdentity.major(node.rdev()) == device.major
        && FileIdentity.minor(node.rdev()) == device.minor;
    if (!genuine) {
      throw new HostPathException(HostPathException.Reason.UNUSABLE,
          "%s is %s, not the character device %d:%d".formatted(device.path, node.kind(), device.major, device.minor));
    }
    view.mount(walk, use);
  }

  private void resolve(Capability capability) throws IOException {
    if (capability instanceof DirectoryCapability directory) {
      resolve(directory);
    } else if (capability instanceof FileCapability file) {
      resolve(file);
    } else if (capability instanceof Tmpfs tmpfs && !hasRoot) {
      withoutRoot(tmpfs, "tmpfs", "a file system of its own takes a mount namespace, which isolation.require leaves out;"
          + " grant an empty directory of the host");
    } else if (capability instanceof Tmpfs tmpfs && tmpfs.mount().isPresent()) {
      view.tmpfs(tmpfs, tmpfs.mount().get(), tmpfs.bytes());
    }
  }

  private void resolve(DirectoryCapability directory) throws IOException {
    HostFiles.Walk walk = walk(directory.path(), directory.under());
    if (!walk.node().isDirectory()) {
      throw new HostPathException(HostPathException.Reason.NOT_A_DIRECTORY,
          directory.path() + " is " + walk.node().kind() + ", not a directory; a file is granted with 'file:'");
    }
    requireNotExecutable(directory, walk);
    if (directory.fd().isPresent() && !hasRoot) {
      withoutRoot(directory, "directory", "as a descriptor it takes a mount namespace, which isolation.require leaves out:"
          + " nothing else keeps '..' from leading out of it; write 'mount: " + walk.real() + "'"
          + (directory.mount().isPresent() ? " without 'fd'" : ""));
    } else if (directory.fd().isPresent()) {
      opened.put(directory.name(), new ResolvedFile(Path.of(walk.real()), walk.node().identity()));
    }
    show(directory, directory.path(), walk, MountUse.ofDirectory(directory.rights()));
  }

  private HostFiles.Walk walk(Path path, Optional<Path> under) throws IOException {
    return under.isPresent() ? Confinement.walk(files, under.get(), path) : files.walk(path.toString());
  }

  private void show(Capability capability, Path written, HostFiles.Walk walk, MountUse use) {
    if (capability.mount().isEmpty()) {
      return;
    }
    String mountPoint = capability.mount().get();
    if (hasRoot) {
      view.mount(capability, mountPoint, walk, use);
    } else if (mountPoint.equals(written.toString()) || mountPoint.equals(walk.real())) {
      view.mount(capability, walk.real(), walk, use);
    } else {
      withoutRoot(capability, "mount", "without a mount namespace, which isolation.require leaves out, it is seen where it"
          + " is on the host: write 'mount: " + walk.real() + "'");
    }
  }

  private void withoutRoot(Capability capability, String key, String message) {
    String path = "capabilities." + capability.name() + '.' + key;
    problems.add(Problem.with(path, policy.places().at(path), HostFiles.printable(message), Problem.Kind.POLICY));
  }

  private void requireNotExecutable(Capability capability, HostFiles.Walk walk) throws HostPathException {
    if (policy.processes().execute().isAny()) {
      Optional<String> problem = WritableCode.problem(capability, walk.real(), programs.executables());
      if (problem.isPresent()) {
        throw new HostPathException(HostPathException.Reason.UNUSABLE, problem.get());
      }
    }
  }

  private static MountUse use(Rights rights) {
    return !rights.writes() ? MountUse.DATA_READ
        : rights.has(Right.READ) ? MountUse.DATA_WRITE
        : MountUse.DATA_WRITE_ONLY;
  }

  private void resolve(FileCapability file) throws IOException {
    HostFiles.Walk walk;
    try {
      walk = walk(file.path(), file.under());
    } catch (HostPathException e) {
      boolean wanted = e.reason() == HostPathException.Reason.MISSING && file.rights().writes();
      throw wanted ? new HostPathException(e.reason(), e.getMessage() + "; a file is not created, make it first") : e;
    }
    HostNode node = walk.node();
    // Opening a FIFO waits for its other end, opening a socket fails, a block device is a whole file system.
    if (!node.isRegular() && !node.isCharacterDevice()) {
      throw new HostPathException(HostPathException.Reason.UNUSABLE, file.path() + " is " + node.kind() + ", not a file"
          + (node.isDirectory() ? "; a directory is granted with 'directory:'" : ""));
    }
    if (file.mount().isPresent() && !node.isRegular()) {
      throw new HostPathException(HostPathException.Reason.UNUSABLE, file.path() + " is " + node.kind()
          + ", which is granted as a descriptor: mounted, no device can be opened");
    }
    requireNotExecutable(file, walk);
    data.add(walk.real());
    if (file.fd().isPresent()) {
      opened.put(file.name(), new ResolvedFile(Path.of(walk.real()), node.identity()));
    }
    show(file, file.path(), walk, use(file.rights()));
  }

  private void checkWorkingDirectory(List<ViewEntry> entries) throws IOException {
    String directory = policy.program().directory();
    if (!hasRoot) {
      if (!files.walk(directory).node().isDirectory()) {
        throw new HostPathException(HostPathException.Reason.NOT_A_DIRECTORY, directory + " is no directory of the host");
      }
      return;
    }
    if (!new ViewLookup(files, entries).isDirectory(directory)) {
      throw new HostPathException(HostPathException.Reason.MISSING,
          directory + " is no directory of the program's view; mount one there");
    }
  }
}
