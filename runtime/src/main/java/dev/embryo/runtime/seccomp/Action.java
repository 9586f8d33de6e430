package dev.embryo.runtime.seccomp;

import java.util.OptionalInt;

/**
 * What a filter answers to a call: a {@code SECCOMP_RET_*} value.
 *
 * <p>Source: seccomp(2), {@code linux/seccomp.h}.
 *
 * @param value the action in the upper 16 bits, its data (an errno) in the lower 16
 */
public record Action(int value) {
  private static final int ACTION_BITS = 0xffff_0000;
  private static final int DATA_BITS = 0x0000_ffff;
  private static final int RET_ERRNO = 0x0005_0000;
  private static final int MAX_ERRNO = 4095;

  /** {@code SECCOMP_RET_KILL_PROCESS}, Linux 4.14: the whole process dies of SIGSYS. */
  public static final Action KILL_PROCESS = new Action(0x8000_0000);

  /** {@code SECCOMP_RET_KILL_THREAD}: one thread dies; the others run on. */
  public static final Action KILL_THREAD = new Action(0x0000_0000);

  /** {@code SECCOMP_RET_TRAP}: SIGSYS, which the program may catch. */
  public static final Action TRAP = new Action(0x0003_0000);

  /** {@code SECCOMP_RET_USER_NOTIF}, Linux 5.0: ask the listener; ENOSYS without one. */
  public static final Action USER_NOTIF = new Action(0x7fc0_0000);

  /** {@code SECCOMP_RET_LOG}, Linux 4.14: do it, and write it to the audit log. */
  public static final Action LOG = new Action(0x7ffc_0000);

  /** {@code SECCOMP_RET_ALLOW}: do it. */
  public static final Action ALLOW = new Action(0x7fff_0000);

  /** {@code SECCOMP_RET_ERRNO} with EPERM: refused. */
  public static final Action EPERM = errno(1);

  /** {@code SECCOMP_RET_ERRNO} with ENOSYS: as if the kernel had no such call. */
  public static final Action ENOSYS = errno(38);

  /** {@code SECCOMP_RET_ERRNO}: the call is not done and fails with {@code errno}, 1 to 4095. */
  public static Action errno(int errno) {
    if (errno < 1 || errno > MAX_ERRNO) {
      throw new IllegalArgumentException("errno " + errno + " is not one of 1 to " + MAX_ERRNO);
    }
    return new Action(RET_ERRNO | errno);
  }

  /** The error with which the call fails; empty if this is another kind of answer. */
  public OptionalInt errno() {
    return kind() == RET_ERRNO ? OptionalInt.of(value & DATA_BITS) : OptionalInt.empty();
  }

  /** Whether the call is done. */
  public boolean permits() {
    return kind() == ALLOW.value || kind() == LOG.value;
  }

  /**
   * Whether this action wins over {@code other} when two stacked filters answer. The kernel takes
   * the lower action as a signed number, and between equal ones the filter installed last.
   */
  public boolean outranks(Action other) {
    return kind() < other.kind();
  }

  private int kind() {
    return value & ACTION_BITS;
  }

  /** As in disassemblies and messages: {@code ALLOW}, {@code ERRNO(1)}. */
  @Override
  public String toString() {
    String data = "(" + (value & DATA_BITS) + ")";
    return switch (kind()) {
      case 0x8000_0000 -> "KILL_PROCESS";
      case 0x0000_0000 -> "KILL_THREAD";
      case 0x0003_0000 -> "TRAP" + data;
      case RET_ERRNO -> value == EPERM.value ? "EPERM" : value == ENOSYS.value ? "ENOSYS" : "ERRNO" + data;
      case 0x7fc0_0000 -> "USER_NOTIF";
      case 0x7ff0_0000 -> "TRACE" + data;
      case 0x7ffc_0000 -> "LOG";
      case 0x7fff_0000 -> "ALLOW";
      default -> "0x%08x".formatted(value);
    };
  }
}
