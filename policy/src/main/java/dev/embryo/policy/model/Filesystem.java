package dev.embryo.policy.model;

/**
 * What the private root shows beside the mounted capabilities.
 *
 * @param programs which executables and libraries; {@code CLOSURE} unless written
 * @param proc which {@code /proc}; {@code NONE} unless written
 * @param devices which devices in {@code /dev}; {@code MINIMAL} unless written
 */
public record Filesystem(Programs programs, Proc proc, Devices devices) {

  /** Which executables and libraries the private root shows, all of them read-only. */
  public enum Programs {
    /** None; the program is static or finds nothing. */
    NONE,
    /** The program, its ELF interpreter and the libraries it is linked with. */
    CLOSURE,
    /** The host's system directories, {@code /usr} and what belongs to it. */
    SYSTEM
  }

  /** Which {@code /proc} the private root shows. */
  public enum Proc {
    /** None. */
    NONE
  }

  /** Which devices the private root shows. */
  public enum Devices {
    /** None, and no {@code /dev}. */
    NONE,
    /** {@code null}, {@code zero}, {@code full}, {@code random} and {@code urandom}. */
    MINIMAL
  }
}
