package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.ElfException;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ELF interpreter of a program and all libraries that the interpreter will load before the program's first
 * instruction, in the order and by the rules of glibc's loader (ld.so(8), {@code elf/dl-load.c}), and puts them into
 * the view.
 *
 * <p>A library's name is looked for in: {@code DT_RPATH} of the object that needs it and of those that loaded it, up
 * to the program (not when the object has a {@code DT_RUNPATH}, and never that of an object that has one); {@code
 * LD_LIBRARY_PATH} of the policy's environment; {@code DT_RUNPATH} of the object; the cache; the default directories.
 * A file for another machine is passed over, as the loader does.
 *
 * <p>In each directory the loader first tries subdirectories for particular processors ({@code
 * glibc-hwcaps/x86-64-v3}, and {@code tls}, {@code haswell} before glibc 2.37). They are left out here and so are not
 * in the view: the loader does not find them there and goes on to the file that is. Only the cache can name such a
 * file without a second try in the same place; what the cache names is therefore taken in full.
 *
 * <p>For one resolution; not thread-safe.
 */
final class LibraryClosure {
  /** More than any real program has; a bound on the work that a hostile set of files can cause. */
  private static final int MAX_OBJECTS = 4096;

  /** Reads the cache when the first library is looked for in it. */
  @FunctionalInterface
  interface CacheSource {
    LoaderCache read() throws IOException;
  }

  /**
   * An object in the order of loading.
   *
   * @param path the name by which it was opened
   * @param origin what {@code $ORIGIN} stands for in it: the directory of that name, links not followed
   * @param loader the object that needed it first; null for the program
   */
  private record Loaded(String path, String origin, Elf elf, @Nullable Loaded loader) {}

  private final HostFiles files;
  private final ViewAssembly view;
  private final Machine machine;
  private final List<String> libraryPath = new ArrayList<>();
  private final String libraryPathText;
  private final CacheSource cacheSource;
  private final Deque<Loaded> pending = new ArrayDeque<>();
  private final Set<String> names = new HashSet<>();
  private final Map<FileIdentity, Loaded> objects = new HashMap<>();
  private LoaderLayout layout = new LoaderLayout("lib", "", List.of());
  private @Nullable LoaderCache cache;
  private boolean needsCache;
  private @Nullable Loaded program;

  LibraryClosure(
      HostFiles files, ViewAssembly view, Machine machine, Map<String, String> environment, CacheSource cacheSource) {
    this.files = files;
    this.view = view;
    this.machine = machine;
    this.libraryPathText = environment.getOrDefault("LD_LIBRARY_PATH", "");
    this.cacheSource = cacheSource;
  }

  /**
   * Puts the interpreter and the libraries of a program into the view.
   *
   * @param program the program's real path
   * @param elf its headers, with an interpreter
   * @return where its interpreter is
   * @throws IOException if something is missing or unusable; the message says what, who needs it and where it was
   *     looked for
   */
  HostFiles.Walk add(String program, Elf elf) throws IOException {
    HostFiles.Walk interpreter = addInterpreter(program, elf.interpreter().orElseThrow());
    Loaded root = new Loaded(program, directoryOf(program), elf, null);
    libraryPath.addAll(SearchPath.directories(libraryPathText, ":;", root.origin, layout));
    loadAll(root);
    this.program = root;
    return interpreter;
  }

  /**
   * Puts the libraries into the view that an object needs which the program loads while it runs (dlopen(3)).
   *
   * @param object its real path
   * @param elf its headers
   * @throws IOException as {@link #add}
   */
  void addLoaded(String object, Elf elf) throws IOException {
    loadAll(new Loaded(object, directoryOf(object), elf, program));
  }

  private void loadAll(Loaded first) throws IOException {
    pending.clear();
    pending.add(first);
    first.elf.soname().ifPresent(names::add);
    while (!pending.isEmpty()) {
      Loaded object = pending.remove();
      for (String name : object.elf.needed()) {
        String expanded = name.contains("/") ? SearchPath.expand(name, object.origin, layout) : name;
        if (!names.contains(expanded)) {
          find(expanded, object);
        }
      }
    }
  }

  /** Whether the loader needs its cache to find again what was found. */
  boolean needsCache() {
    return needsCache;
  }

  private HostFiles.Walk addInterpreter(String program, String interpreter) throws IOException {
    if (!interpreter.startsWith("/")) {
      throw new ProgramException(program + " names the ELF interpreter '" + interpreter + "', which is not absolute");
    }
    HostFiles.Walk walk;
    try {
      walk = files.walk(interpreter);
    } catch (HostPathException e) {
      throw new ProgramException(program + " needs the ELF interpreter " + interpreter + ": " + e.getMessage());
    }
    if (!walk.node().isRegular() || !walk.node().hasExecutableBit()) {
      throw new ProgramException(program + " needs the ELF interpreter " + interpreter + ", which is "
          + walk.node().kind() + " with permissions " + walk.node().permissions() + ", not an executable file");
    }
    Elf elf = Elf.read(Path.of(walk.real()));
    if (elf.machine() != machine) {
      throw new ProgramException(program + " needs the ELF interpreter " + interpreter + ", which is for "
          + elf.machine().displayName() + ", not for this machine (" + machine.displayName() + ")");
    }
    layout = LoaderLayout.of(walk.real(), machine);
    names.add(interpreter);
    elf.soname().ifPresent(names::add);
    view.mount(walk, MountUse.INTERPRETER);
    return walk;
  }

  private void find(String name, Loaded by) throws IOException {
    Set<String> searched = new LinkedHashSet<>();
    boolean found = name.contains("/") ? inPlace(name, by, searched)
        : inDirectories(name, by, rpaths(by), searched)
            || inDirectories(name, by, libraryPath, searched)
            || inDirectories(name, by, runpath(by), searched)
            || inCache(name, by, searched)
            || (!by.elf.noDefaultLibraries() && inDirectories(name, by, layout.directories(), searched));
    if (!found) {
      throw new ProgramException(by.path + (by.loader == null ? "" : " (loaded for " + by.loader.path + ")") + " needs "
          + name + ", which was not found; looked in " + String.join(", ", searched));
    }
  }

  /** A name with a slash in it is a path; nothing else is searched. */
  private boolean inPlace(String path, Loaded by, Set<String> searched) throws IOException {
    searched.add(path);
    return load(path, path, by);
  }

  /** {@code DT_RPATH} of the object and of those that loaded it. */
  private List<String> rpaths(Loaded by) {
    List<String> directories = new ArrayList<>();
    if (by.elf.runpath().isEmpty()) {
      for (Loaded object = by; object != null; object = object.loader) {
        if (object.elf.runpath().isEmpty() && object.elf.rpath().isPresent()) {
          directories.addAll(SearchPath.directories(object.elf.rpath().get(), ":", object.origin, layout));
        }
      }
    }
    return directories;
  }

  private List<String> runpath(Loaded by) {
    return by.elf.runpath().map(list -> SearchPath.directories(list, ":", by.origin, layout)).orElse(List.of());
  }

  private boolean inDirectories(String name, Loaded by, List<String> directories, Set<String> searched)
      throws IOException {
    for (String directory : directories) {
      searched.add(directory);
      if (load(name, (directory.endsWith("/") ? directory : directory + "/") + name, by)) {
        return true;
      }
    }
    return false;
  }

  /** Takes the cache's first file; those for particular processors too, when the loader will go by the cache. */
  private boolean inCache(String name, Loaded by, Set<String> searched) throws IOException {
    if (cache == null) {
      cache = cacheSource.read();
    }
    searched.add("the loader's cache");
    boolean found = false;
    for (String path : cache.lookup(name)) {
      boolean byDefault = layout.findsWithoutCache(path);
      if (byDefault && by.elf.noDefaultLibraries()) {
        continue;
      }
      if (load(name, path, by)) {
        found = true;
        if (byDefault) {
          break;
        }
        needsCache = true;
      }
    }
    return found;
  }

  /**
   * Loads a file under a name, if it is one that the loader would take.
   *
   * @param path the name by which the loader opens it
   * @return false when there is none, or one for another machine
   * @throws IOException if there is one that is damaged or cannot be read
   */
  private boolean load(String name, String path, Loaded by) throws IOException {
    HostFiles.Walk walk = walkOrNull(path);
    if (walk == null || !walk.node().isRegular()) {
      return false;
    }
    Loaded known = objects.get(walk.node().identity());
    if (known == null) {
      Elf elf = elfOrNull(walk.real());
      if (elf == null) {
        return false;
      }
      known = new Loaded(path, directoryOf(path), elf, by);
      objects.put(walk.node().identity(), known);
      if (objects.size() > MAX_OBJECTS) {
        throw new ProgramException("the program needs more than " + MAX_OBJECTS + " libraries");
      }
      pending.add(known);
    }
    names.add(name);
    known.elf.soname().ifPresent(names::add);
    // A file known by another name is loaded once, but the loader must find it by this name too to know it again.
    view.mount(walk, MountUse.LIBRARY);
    return true;
  }

  private HostFiles.@Nullable Walk walkOrNull(String path) throws IOException {
    if (!path.startsWith("/")) {
      return null;
    }
    try {
      return files.walk(path);
    } catch (HostPathException e) {
      if (e.reason() == HostPathException.Reason.UNUSABLE) {
        throw e;
      }
      return null;
    }
  }

  private @Nullable Elf elfOrNull(String path) throws IOException {
    try {
      Elf elf = Elf.read(Path.of(path));
      return elf.machine() == machine ? elf : null;
    } catch (AccessDeniedException e) {
      return null;
    } catch (ElfException e) {
      if (e.reason() == ElfException.Reason.FOREIGN) {
        return null;
      }
      throw e;
    }
  }

  private static String directoryOf(String path) {
    return path.substring(0, Math.max(1, path.lastIndexOf('/')));
  }
}
