package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Takes all privilege away: empty capability sets, an empty bounding set, securebits that keep both so, and, for a
 * launcher that is root, a user and group of the sandbox's own.
 */
public final class Privileges {
  /** The names of the numbers that a launch by root supplies. */
  public static final String USER = "user";
  public static final String GROUP = "group";

  private static final int LAST_CAPABILITY = 63; // the kernel's limit; today's last is 40
  private static final int LOCKED_SECUREBITS = 0xEF; // all but SECBIT_KEEP_CAPS, each with its lock
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  private Privileges() {}

  /**
   * Closes the ways back to privilege: ambient and bounding sets, securebits. The process keeps what it has until it
   * drops it; what it clones has the ways closed too, so this is done once in a birth.
   *
   * @param lastCapability the kernel's highest capability, see /proc/sys/kernel/cap_last_cap
   */
  public static Fragment locked(int lastCapability) {
    return program -> {
      program.purpose("lock the way back to privilege");
      program.call("prctl", Constant.PR_CAP_AMBIENT, Constant.PR_CAP_AMBIENT_CLEAR_ALL);
      for (int capability = 0; capability <= Math.min(lastCapability, LAST_CAPABILITY); capability++) {
        program.call("prctl", Constant.PR_CAPBSET_DROP, capability);
      }
      program.call("prctl", Constant.PR_SET_SECUREBITS, LOCKED_SECUREBITS);
    };
  }

  /**
   * As {@link #locked}, for a process that has no capabilities and is in no user namespace of its own: it can only empty
   * the ambient set. No program that it executes gains any, because of no_new_privs.
   */
  public static Fragment ambientCleared() {
    return program -> program.purpose("lock the way back to privilege")
        .call("prctl", Constant.PR_CAP_AMBIENT, Constant.PR_CAP_AMBIENT_CLEAR_ALL);
  }

  /**
   * Becomes the user and group that a launch supplies, for a launcher that is root.
   *
   * @param groups the supplementary groups
   */
  public static Fragment identity(List<Integer> groups) {
    return program -> {
      program.purpose("become the sandbox's own user");
      var list = ByteBuffer.allocate(4 * groups.size()).order(ByteOrder.nativeOrder());
      groups.forEach(list::putInt);
      program.call("setgroups", groups.size(), program.bytes(list.array(), groups.toString()));
      var group = program.slot(GROUP);
      var user = program.slot(USER);
      program.call("setresgid", group, group, group);
      program.call("setresuid", user, user, user);
    };
  }

  /** Empties the capability sets. */
  public static Fragment dropped() {
    return program -> {
      program.purpose("drop all capabilities");
      var header = program.words("{version=3, pid=0}", (long) CAPABILITY_VERSION_3);
      program.call("capset", header, program.words("{none}", 0, 0, 0));
    };
  }
}
