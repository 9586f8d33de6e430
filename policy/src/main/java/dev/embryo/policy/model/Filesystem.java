package dev.embryo.policy.model;

import java.nio.file.Path;
import java.util.List;

/**
 * What the private root shows beside the mounted capabilities.
 *
 * @param programs which executables and libraries; {@code CLOSURE} unless written
 * @param proc which {@code /proc}; {@code NONE} unless written
 * @param devices which devices in {@code /dev}; {@code MINIMAL} unless written
 */
public record Filesystem(Programs programs, Proc proc, Devices devices) {

  /**
   * Which executables and libraries the private root shows, all of them read-only.
   *
   * @param scope what is shown in any case
   * @param paths files and directories of the host that are shown as well, at their own paths: absolute, normalised;
   *     with the scope {@code CLOSURE} only
   */
  public record Programs(Scope scope, List<Path> paths) {
    /** None but the program itself, which has to be static. */
    public static final Programs NONE = new Programs(Scope.NONE, List.of());

    /** The closure of the program. */
    public static final Programs CLOSURE = new Programs(Scope.CLOSURE, List.of());

    /** The host's system directories. */
    public static final Programs SYSTEM = new Programs(Scope.SYSTEM, List.of());

    /** What is shown in any case. */
    public enum Scope {
      /** The program alone. */
      NONE,
      /** The program, its ELF interpreter and the libraries it is linked with. */
      CLOSURE,
      /** The host's system directories, {@code /usr} and what belongs to it. */
      SYSTEM
    }

    /** Keeps a copy of the paths. */
    public Programs {
      paths = List.copyOf(paths);
    }

    /** The closure of the program, and these files and directories of the host. */
    public static Programs closureAnd(List<Path> paths) {
      return new Programs(Scope.CLOSURE, paths);
    }
  }

  /** Which {@code /proc} the private root shows. */
  public enum Proc {
    /** None. */
    NONE,
    /** One of its own pid namespace, with its own processes and nothing else. */
    OWN
  }

  /** Which devices the private root shows. */
  public enum Devices {
    /** None, and no {@code /dev}. */
    NONE,
    /** {@code null}, {@code zero}, {@code full}, {@code random} and {@code urandom}. */
    MINIMAL
  }
}
