package dev.embryo.runtime.linux;

import java.util.Optional;

/**
 * A processor architecture as seccomp and the audit subsystem name it.
 *
 * <p>Only the architectures that Embryo runs on are listed. Both are little-endian with 64-bit
 * registers, which the layout of {@code struct seccomp_data} and of exported filters depends on.
 * Source: {@code linux/audit.h}.
 */
public enum Architecture {
  /** {@code AUDIT_ARCH_X86_64}. */
  X86_64("x86_64", 0xC000_003E),
  /** {@code AUDIT_ARCH_AARCH64}. */
  AARCH64("aarch64", 0xC000_00B7);

  /**
   * {@code __X32_SYSCALL_BIT}: set in a call number by programs of the x32 ABI, which share {@link
   * #X86_64}'s audit token. Without a test for it a filter's numbers could be called a second way.
   */
  public static final int X32_BIT = 0x4000_0000;

  private final String label;
  private final int token;

  Architecture(String label, int token) {
    this.label = label;
    this.token = token;
  }

  /** The architecture of an {@code AUDIT_ARCH_*} token; empty for one that Embryo does not run on. */
  public static Optional<Architecture> ofToken(int token) {
    for (Architecture each : values()) {
      if (each.token == token) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** The name as {@code uname -m} gives it. */
  public String label() {
    return label;
  }

  /** The {@code AUDIT_ARCH_*} value, found in {@code seccomp_data.arch}; libseccomp uses the same. */
  public int token() {
    return token;
  }

  /** Whether call numbers may carry {@link #X32_BIT}. */
  public boolean hasX32() {
    return this == X86_64;
  }
}
