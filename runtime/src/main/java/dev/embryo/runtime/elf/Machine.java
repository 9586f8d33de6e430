package dev.embryo.runtime.elf;

import java.util.Map;
import java.util.Optional;

/**
 * A processor architecture that Embryo runs on, with its {@code e_machine} number.
 *
 * <p>Immutable and thread-safe. Source: elf(5), {@code linux/elf-em.h}.
 */
public enum Machine {
  /** {@code EM_X86_64}. */
  X86_64(62, "x86-64"),
  /** {@code EM_AARCH64}. */
  AARCH64(183, "aarch64");

  /** Names for error messages only; what is missing is shown as its number. */
  private static final Map<Integer, String> FOREIGN_NAMES = Map.of(
      3, "i386",
      8, "MIPS",
      20, "PowerPC",
      21, "PowerPC 64",
      22, "s390",
      40, "ARM",
      43, "SPARC 64",
      243, "RISC-V",
      258, "LoongArch");

  private final int number;
  private final String displayName;

  Machine(int number, String displayName) {
    this.number = number;
    this.displayName = displayName;
  }

  /**
   * The machine of the running JVM.
   *
   * @return the machine, or empty when Embryo does not run on it
   */
  public static Optional<Machine> current() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }

  /** The value of {@code e_machine}. */
  public int number() {
    return number;
  }

  /** The name people know, for example {@code x86-64}. */
  public String displayName() {
    return displayName;
  }

  static Optional<Machine> ofNumber(int number) {
    for (Machine machine : values()) {
      if (machine.number == number) {
        return Optional.of(machine);
      }
    }
    return Optional.empty();
  }

  static String nameOfNumber(int number) {
    return ofNumber(number)
        .map(Machine::displayName)
        .or(() -> Optional.ofNullable(FOREIGN_NAMES.get(number)))
        .orElse("machine " + number);
  }
}
