package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Processes.Execute;
import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.ElfException;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts into the view what the program and all that it may execute need, and notes what may be executed: the files that
 * the kernel itself opens to execute, which are ELF files, their ELF interpreters and scripts. Libraries are not among
 * them; a loader maps them.
 *
 * <p>For one resolution; not thread-safe.
 */
final class ProgramAssembly {
  /**
   * What {@code programs: system} shows, as far as the host has it: {@code /usr}, and beside it what is there either
   * as a directory or, on a merged system, as a link into {@code /usr}; and what programs there have links to.
   */
  private static final List<String> SYSTEM_DIRECTORIES = List.of(
      "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives");

  /** What is no place of programs, and shows the host's processes and devices. */
  private static final List<String> NO_PROGRAMS = List.of("/proc", "/sys", "/dev");

  private static final String AT_ROOTS = "put it where only root can write, it and every directory above it";

  private final Policy policy;
  private final String loaderCache;
  private final HostFiles files;
  private final ViewAssembly view;
  private final ChainFinder chains;
  private final Map<String, Executable> executables = new LinkedHashMap<>();
  private @Nullable LoaderCache cache;
  private @Nullable LibraryClosure programClosure;

  ProgramAssembly(Policy policy, String loaderCache, Optional<Machine> machine, HostFiles files, ViewAssembly view) {
    this.policy = policy;
    this.loaderCache = loaderCache;
    this.files = files;
    this.view = view;
    this.chains = new ChainFinder(files, machine, policy.program().environment());
  }

  /** What may be executed, the program and its ELF interpreter among it. */
  List<Executable> executables() {
    return List.copyOf(executables.values());
  }

  /** Shows the host's system directories. */
  void showSystem() throws IOException {
    List<String> directories = new ArrayList<>(SYSTEM_DIRECTORIES);
    directories.addAll(javaConfigurations());
    for (String directory : directories) {
      HostFiles.Walk walk = walkIfThere(directory);
      if (walk != null && walk.node().isDirectory()) {
        view.mount(walk, MountUse.SYSTEM);
        executeInView(walk);
      }
    }
    showLoaderCache();
  }

  /** Where Debian keeps what is configured of its JDKs; symbolic links in {@code /usr/lib/jvm} lead there. */
  private List<String> javaConfigurations() throws IOException {
    List<String> found = new ArrayList<>();
    files.listed("/etc");
    try (DirectoryStream<Path> names = Files.newDirectoryStream(Path.of("/etc"), "java-*-openjdk")) {
      names.forEach(path -> found.add(path.toString()));
    } catch (NoSuchFileException withoutConfiguration) {
      return List.of();
    } catch (DirectoryIteratorException failure) {
      throw failure.getCause();
    }
    Collections.sort(found);
    return found;
  }

  /**
   * Shows the policy's program.
   *
   * @param walk where its path leads
   */
  ResolvedProgram showProgram(HostFiles.Walk walk) throws IOException {
    String name = policy.program().path().toString();
    Chain chain = chains.find(name, walk, policy.program().name().orElse(name));
    if (!chain.scripts().isEmpty() && policy.program().name().isPresent()) {
      throw new ProgramException(walk.real() + " is a script, whose argv[0] is its interpreter; leave program.name out");
    }
    if (isInView() && !chain.scripts().isEmpty()) {
      showExecutable(walk.real());
    }
    for (HostFiles.Walk script : chain.scripts()) {
      view.mount(script, MountUse.SCRIPT);
    }
    HostFiles.Walk program = chain.program();
    Optional<SealedProgram> sealed = pin(chain);
    Elf elf = chain.elf();
    if (sealed.isPresent()) {
      elf = elfOf(sealed.get(), program.real());
    } else {
      view.mount(program, MountUse.PROGRAM);
      execute(program);
    }
    programClosure = showLibraries(program.real(), elf);
    return new ResolvedProgram(program.real(), Path.of(program.real()), program.node().identity(), elf,
        origin(program.real(), elf), chain.command(), chain.scripts().stream().map(HostFiles.Walk::real).findFirst(), sealed);
  }

  /** Compares the program with the digest that the policy pins it to; gives a copy where the file itself is not to be trusted. */
  private Optional<SealedProgram> pin(Chain chain) throws IOException {
    if (policy.program().sha256().isEmpty()) {
      return Optional.empty();
    }
    String pinned = policy.program().sha256().get();
    HostFiles.Walk file = chain.scripts().isEmpty() ? chain.program() : chain.scripts().get(0);
    if (Pinning.onlyRootCanWrite(file)) {
      Pinning.compare(file.real(), pinned);
      return Optional.empty();
    }
    if (!chain.scripts().isEmpty()) {
      throw new ProgramException(Pinning.KEY, file.real() + " is a script, which its interpreter reads by its path, and others"
          + " than root can put another there; " + AT_ROOTS);
    }
    SealedProgram sealed = Pinning.copy(file.real(), pinned);
    if (origin(file.real(), elfOf(sealed, file.real())).isPresent()) {
      throw new ProgramException(Pinning.KEY, file.real() + " finds its libraries by $ORIGIN, the directory in which it is, and"
          + " what is executed is a copy in memory, since others than root can write the file; " + AT_ROOTS);
    }
    return Optional.of(sealed);
  }

  private static Elf elfOf(SealedProgram sealed, String name) throws IOException {
    Path file = Path.of("/proc/self/fd/" + sealed.descriptor().number());
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      return Elf.read(content, name);
    }
  }

  /**
   * Shows a file or directory of {@code filesystem.programs}, and the libraries that the ELF files in it need. What a
   * directory merely holds may well be of no use here, so only a file that is named itself has to be complete. To be
   * called after {@link #showProgram}.
   */
  void showListed(Path path) throws IOException {
    HostFiles.Walk walk = files.walk(path.toString());
    requirePlaceOfPrograms(walk);
    view.mount(walk, MountUse.SHOWN);
    executeInView(walk);
    if (!walk.node().isDirectory()) {
      showFile(walk);
      return;
    }
    for (Path file : CodeFiles.in(Path.of(walk.real()), isInView(), files)) {
      try {
        showNeeded(file, Elf.read(file));
      } catch (ProgramException | ElfException | AccessDeniedException e) {
        continue; // a plugin for a library that is not installed, a script, a file for another machine
      }
    }
  }

  private static void requirePlaceOfPrograms(HostFiles.Walk walk) throws ProgramException {
    String real = walk.real();
    if (real.equals("/")) {
      throw new ProgramException("the whole file system is no list of programs; name directories in it");
    }
    for (String place : NO_PROGRAMS) {
      if (real.equals(place) || real.startsWith(place + "/")) {
        throw new ProgramException(real + " lies in " + place + ", where the host shows itself, and no programs");
      }
    }
    if (!walk.node().isDirectory() && !walk.node().isRegular()) {
      throw new ProgramException(real + " is " + walk.node().kind() + ", not a file or a directory");
    }
  }

  private void showFile(HostFiles.Walk walk) throws IOException {
    if (isInView() && walk.node().hasExecutableBit()) {
      showExecutable(walk.real());
      return;
    }
    try {
      showNeeded(Path.of(walk.real()), Elf.read(Path.of(walk.real())));
    } catch (ElfException e) {
      if (e.reason() != ElfException.Reason.NOT_ELF && e.reason() != ElfException.Reason.SCRIPT) {
        throw e;
      }
    }
  }

  private void showNeeded(Path file, Elf elf) throws IOException {
    LibraryClosure closure = programClosure;
    if (elf.machine() != chains.machine()) {
      throw new ProgramException(file + " is for " + elf.machine().displayName());
    } else if (elf.interpreter().isPresent()) {
      showLibraries(file.toString(), elf);
    } else if (closure != null) {
      closure.addLoaded(file.toString(), elf);
      showCacheFor(closure);
    }
  }

  /**
   * Shows a file that the program may execute.
   *
   * @param path its path in the view, which is the same as on the host
   */
  void showExecutable(String path) throws IOException {
    for (var capability : policy.capabilities().values()) {
      String mount = capability.mount().orElse("");
      if (path.equals(mount) || (!mount.isEmpty() && path.startsWith(mount + "/"))) {
        throw new ProgramException(path + " lies in capabilities." + capability.name() + ", which is mounted at " + mount
            + ", and what a capability grants is not executed; name a file outside of it");
      }
    }
    HostFiles.Walk walk = files.walk(path);
    if (walk.node().isDirectory()) {
      throw new ProgramException(path + " is a directory; name files, or write view for all that filesystem.programs shows");
    }
    Chain chain = chains.find(path, walk, path);
    for (HostFiles.Walk script : chain.scripts()) {
      view.mount(script, MountUse.EXECUTABLE);
      execute(script);
    }
    for (HostFiles.Walk finder : chain.finders()) {
      showExecutable(finder.real());
    }
    view.mount(chain.program(), MountUse.EXECUTABLE);
    execute(chain.program());
    showLibraries(chain.program().real(), chain.elf());
    requireNoOrigin(chain);
  }

  /** The loader of a program with {@code $ORIGIN} asks /proc where the program is; only the policy's own is told. */
  private void requireNoOrigin(Chain chain) throws ProgramException {
    if (policy.filesystem().proc() == Proc.NONE && origin(chain.program().real(), chain.elf()).isPresent()) {
      throw new ProgramException(chain.program().real() + " finds its libraries by $ORIGIN, for which its loader needs"
          + " /proc: write filesystem.proc: own");
    }
  }

  private void execute(HostFiles.Walk file) {
    executables.putIfAbsent(file.real(), new Executable(file.real(), file.node().isDirectory()));
  }

  /** With {@code execute: view}, everything in a place of programs may be executed. */
  private void executeInView(HostFiles.Walk walk) {
    if (isInView() && walk.node().isDirectory()) {
      execute(walk);
    }
  }

  private boolean isInView() {
    return policy.processes().execute().scope() == Execute.Scope.VIEW;
  }

  /** Shows what a program is linked with, and gives what was found. */
  private @Nullable LibraryClosure showLibraries(String path, Elf elf) throws IOException {
    if (elf.interpreter().isEmpty()) {
      return null;
    }
    if (policy.filesystem().programs().scope() == Programs.Scope.NONE) {
      throw new ProgramException(path + " is dynamically linked (it needs " + elf.interpreter().orElse("")
          + "), but filesystem.programs is none; a static program can start so, this one needs closure or system");
    }
    LibraryClosure closure = new LibraryClosure(
        files, view, chains.machine(), policy.program().environment(), this::readLoaderCache);
    execute(closure.add(path, elf));
    showCacheFor(closure);
    return closure;
  }

  private void showCacheFor(LibraryClosure closure) throws IOException {
    if (closure.needsCache()) {
      showLoaderCache();
    }
  }

  private void showLoaderCache() throws IOException {
    HostFiles.Walk walk = walkIfThere(loaderCache);
    if (walk != null && walk.node().isRegular()) {
      view.mount(walk, MountUse.LIBRARY);
    }
  }

  private LoaderCache readLoaderCache() throws IOException {
    LoaderCache read = cache;
    if (read == null) {
      read = parseLoaderCache();
      cache = read;
    }
    return read;
  }

  private LoaderCache parseLoaderCache() throws IOException {
    HostFiles.Walk walk = walkIfThere(loaderCache);
    if (walk == null) {
      return LoaderCache.empty();
    }
    Path file = Path.of(walk.real());
    if (!walk.node().isRegular() || Files.size(file) > LoaderCache.MAX_SIZE) {
      throw new LoaderCacheException(loaderCache, "it is no file, or larger than " + LoaderCache.MAX_SIZE + " bytes");
    }
    return LoaderCache.parse(Files.readAllBytes(file), chains.machine(), loaderCache);
  }

  private HostFiles.@Nullable Walk walkIfThere(String path) throws IOException {
    try {
      return files.walk(path);
    } catch (HostPathException e) {
      if (e.reason() == HostPathException.Reason.MISSING) {
        return null;
      }
      throw e;
    }
  }

  private Optional<String> origin(String path, Elf elf) {
    boolean used = elf.runpath().or(elf::rpath).filter(SearchPath::usesOrigin).isPresent()
        || elf.needed().stream().anyMatch(SearchPath::usesOrigin)
        || SearchPath.usesOrigin(policy.program().environment().getOrDefault("LD_LIBRARY_PATH", ""));
    return used ? Optional.of(path.substring(0, Math.max(1, path.lastIndexOf('/')))) : Optional.empty();
  }
}
