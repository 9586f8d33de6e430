package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Machine;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is built into a dynamic loader: the directories that it searches when nothing else says where a library is, and
 * what it puts for {@code $LIB} and {@code $PLATFORM}.
 *
 * <p>Distributions build glibc in three ways; the real directory of the loader itself tells which:
 * <pre>
 * the loader is in            $LIB                   default directories
 * [/usr]/lib/TRIPLET          lib/TRIPLET            /lib/TRIPLET /usr/lib/TRIPLET /lib /usr/lib      Debian, Ubuntu
 * [/usr]/lib64                lib64                  /lib64 /usr/lib64                                Fedora, SUSE
 * [/usr]/lib                  lib                    /lib /usr/lib                                    Arch
 * anywhere else               lib                    its own directory, then all of these             Nix, private
 * </pre>
 *
 * @param lib what {@code $LIB} stands for
 * @param platform what {@code $PLATFORM} stands for ({@code AT_PLATFORM} of getauxval(3))
 * @param directories the default directories, in the order of the search
 */
record LoaderLayout(String lib, String platform, List<String> directories) {

  /**
   * The layout of a loader.
   *
   * @param interpreter the loader's real path
   * @param machine the machine it is for
   */
  static LoaderLayout of(String interpreter, Machine machine) {
    String platform = switch (machine) {
      case X86_64 -> "x86_64";
      case AARCH64 -> "aarch64";
    };
    String own = interpreter.substring(0, interpreter.lastIndexOf('/'));
    String multiarch = "lib/" + platform + "-linux-gnu";
    List<LoaderLayout> known = List.of(
        new LoaderLayout(multiarch, platform, pairs(multiarch, "lib")),
        new LoaderLayout("lib64", platform, pairs("lib64")),
        new LoaderLayout("lib", platform, pairs("lib")));
    for (LoaderLayout layout : known) {
      if (own.equals("/" + layout.lib) || own.equals("/usr/" + layout.lib)) {
        return layout;
      }
    }
    Set<String> all = new LinkedHashSet<>(List.of(own.isEmpty() ? "/" : own));
    known.forEach(layout -> all.addAll(layout.directories));
    return new LoaderLayout("lib", platform, List.copyOf(all));
  }

  private static List<String> pairs(String... names) {
    List<String> directories = new ArrayList<>();
    for (String name : names) {
      directories.add("/" + name);
      directories.add("/usr/" + name);
    }
    return List.copyOf(directories);
  }

  /** Whether a file lies directly in a default directory, so that it is found without the cache. */
  boolean findsWithoutCache(String path) {
    return directories.contains(path.substring(0, Math.max(1, path.lastIndexOf('/'))));
  }
}
