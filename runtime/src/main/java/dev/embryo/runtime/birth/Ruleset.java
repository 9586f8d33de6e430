package dev.embryo.runtime.birth;

import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Landlock ruleset in the making: everything that the ABI knows is restricted, and rules allow hierarchies. TCP ports
 * (ABI 4), abstract sockets and signals to others (ABI 6) are restricted without exception.
 */
public final class Ruleset {
  /** The first Landlock ABI that keeps signals within the processes under the same rules. */
  public static final int SIGNALS_SINCE_ABI = 6;

  private static final int PATH_BENEATH_BYTES = 12; // struct landlock_path_beneath_attr is packed
  private static final int PARENT_FD = 8;
  private static final long ALL_NETWORK = 3; // BIND_TCP, CONNECT_TCP
  private static final long ALL_SCOPES = 3; // ABSTRACT_UNIX_SOCKET, SIGNAL

  private final BirthProgram.Builder program;
  private final int abi;
  private final Operand.Result ruleset;
  private @Nullable FileComparison comparison; // made when it is first needed

  private Ruleset(BirthProgram.Builder program, int abi, Operand.Result ruleset) {
    this.program = program;
    this.abi = abi;
    this.ruleset = ruleset;
  }

  /** Adds the operation that makes the ruleset. */
  public static Ruleset create(BirthProgram.Builder program, int abi) {
    program.purpose("make the Landlock ruleset");
    long files = Access.bits(Arrays.asList(Access.values()), abi);
    long network = abi >= 4 ? ALL_NETWORK : 0;
    long scopes = abi >= SIGNALS_SINCE_ABI ? ALL_SCOPES : 0;
    int size = abi >= SIGNALS_SINCE_ABI ? 24 : abi >= 4 ? 16 : 8; // older kernels refuse a longer structure
    var attribute = program.words("{all of ABI " + abi + ": files 0x" + Long.toHexString(files) + ", network " + network
        + ", scopes " + scopes + "}", files, network, scopes);
    return new Ruleset(program, abi, program.call("landlock_create_ruleset", attribute, size, 0));
  }

  /**
   * Adds the operations that allow something at or beneath a path.
   *
   * @param directory whether the path is a directory; the rights of directories are left out otherwise
   */
  public void allow(String path, boolean directory, Collection<Access> accesses) {
    var fitting = fitting(directory, accesses);
    if (allowSomething(fitting)) {
      var rule = rule(fitting, 0); // the descriptor is stored when it is open
      open(path, rule);
      add(rule);
    }
  }

  private static List<Access> fitting(boolean directory, Collection<Access> accesses) {
    return accesses.stream().filter(access -> directory || access.ofFiles()).toList();
  }

  /** The kernel takes no rule that allows nothing (ENOMSG); nor is one needed. */
  private boolean allowSomething(List<Access> accesses) {
    return Access.bits(accesses, abi) != 0;
  }

  private Operand.Data rule(List<Access> fitting, int descriptor) {
    var content = ByteBuffer.allocate(PATH_BENEATH_BYTES).order(ByteOrder.nativeOrder());
    content.putLong(Access.bits(fitting, abi)).putInt(descriptor);
    return program.bytes(content.array(),
        fitting.stream().map(Access::name).collect(Collectors.joining("|", "{", "}")));
  }

  /**
   * As {@link #allow}, for a path of the host, where something else may stand by now than when the policy was resolved:
   * that ends the birth.
   */
  public void allowOnHost(RootEntry.Mount mount) {
    var fitting = fitting(mount.directory(), mount.accesses());
    var rule = rule(fitting, 0);
    comparison().compare(open(mount.source(), rule), mount.deviceMajor(), mount.deviceMinor(), mount.inode());
    if (allowSomething(fitting)) {
      add(rule);
    }
  }

  /** As {@link #allow}, for the directory that a descriptor is open on. */
  public void allowAt(int number, Collection<Access> accesses) {
    var fitting = fitting(true, accesses);
    if (allowSomething(fitting)) {
      program.purpose("allow what is granted at descriptor " + number);
      add(rule(fitting, number));
    }
  }

  private Operand.Result open(String path, Operand.Data rule) {
    program.purpose("allow what is granted at " + path);
    return program.callStoring(rule, PARENT_FD, "openat", Constant.AT_FDCWD, program.string(path),
        Constant.or(Constant.O_PATH, Constant.O_CLOEXEC));
  }

  private void add(Operand.Data rule) {
    program.call("landlock_add_rule", ruleset, Constant.LANDLOCK_RULE_PATH_BENEATH, rule, 0);
  }

  private FileComparison comparison() {
    if (comparison == null) {
      comparison = FileComparison.of(program);
    }
    return comparison;
  }

  /** Adds the operation after which the rules are in force, for good. */
  public void enforce() {
    program.purpose("enforce the Landlock rules").call("landlock_restrict_self", ruleset, 0);
  }
}
