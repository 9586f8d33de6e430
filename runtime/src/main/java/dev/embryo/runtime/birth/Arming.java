package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The last steps of a birth: limits, filters and the exec. */
public final class Arming {
  private static final int SIGCHLD = 17;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int DECIMAL_BYTES = 11; // of 32 bits, with a NUL

  private Arming() {}

  /** Sets limits, soft and hard alike; see prlimit(2). */
  public static void limit(BirthProgram.Builder program, Map<ResourceLimit, Long> limits) {
    limits.forEach((resource, value) -> {
      program.purpose("limit " + resource);
      var both = program.words("{" + value + ", " + value + "}", value, value);
      program.call("prlimit64", 0, new Operand.Value(resource.ordinal(), "RLIMIT_" + resource), both, 0);
    });
  }

  /** Installs a filter, given as an array of struct sock_filter; see seccomp(2). */
  public static void filter(BirthProgram.Builder program, String name, byte[] instructions) {
    program.purpose("install the " + name + " filter");
    program.call("seccomp", Constant.SECCOMP_SET_MODE_FILTER, 0, filterProgram(program, name, instructions));
  }

  /**
   * Installs the filter that hands execveat to a listener, and starts the thread that lets exactly one through: from the
   * exec on, execveat answers ENOSYS.
   */
  public static void oneShotExec(BirthProgram.Builder program, byte[] instructions) {
    program.gate(listener(program, instructions));
  }

  /** Installs that filter; the result is its listener. */
  public static Operand.Result listener(BirthProgram.Builder program, byte[] instructions) {
    return program.purpose("allow one exec and no other").call("seccomp", Constant.SECCOMP_SET_MODE_FILTER,
        Constant.SECCOMP_FILTER_FLAG_NEW_LISTENER, filterProgram(program, "one-shot", instructions));
  }

  /** As {@link #filter}, for a filter that compares with the pid of the process: it stands at {@code pidOffset} then. */
  public static void filterWithPid(BirthProgram.Builder program, String name, byte[] instructions, int pidOffset) {
    program.purpose("install the " + name + " filter");
    var code = program.bytes(instructions, name);
    program.callStoring(code, pidOffset, "getpid");
    program.call("seccomp", Constant.SECCOMP_SET_MODE_FILTER, 0, filterProgram(program, name, instructions, code));
  }

  /**
   * Installs a filter that asks the launcher, to which its listener is sent. What comes after it has to be allowed by the
   * filter, or by the launcher.
   */
  public static void supervised(BirthProgram.Builder program, byte[] instructions) {
    program.purpose("let the launcher answer for what is refused");
    var listener = program.words("&listener", -1);
    program.herald(listener);
    program.callStoring(listener, 0, "seccomp", Constant.SECCOMP_SET_MODE_FILTER,
        Constant.SECCOMP_FILTER_FLAG_NEW_LISTENER, filterProgram(program, "supervised", instructions));
  }

  private static Operand.Data filterProgram(BirthProgram.Builder program, String name, byte[] instructions) {
    return filterProgram(program, name, instructions, program.bytes(instructions, name));
  }

  private static Operand.Data filterProgram(
      BirthProgram.Builder program, String name, byte[] instructions, Operand.Data code) {
    int count = instructions.length / 8;
    return program.words("{" + name + " filter, " + count + " instructions}", count, code);
  }

  /**
   * Executes the file that a descriptor is open on.
   *
   * @param path what to call it in messages
   */
  public static void exec(BirthProgram.Builder program, Object executable, String path, List<String> arguments,
      List<String> environment) {
    exec(program, executable, path, arguments, environment, List.of());
  }

  /**
   * As {@link #exec(BirthProgram.Builder, Object, String, List, List)}.
   *
   * @param more variables of which something is known when the program runs only, {@code NAME=VALUE}
   */
  public static void exec(BirthProgram.Builder program, Object executable, String path, List<String> arguments,
      List<String> environment, List<Operand.Data> more) {
    program.purpose("execute " + path);
    program.call("execveat", executable, program.string(""), program.strings(arguments),
        program.strings(environment, more), Constant.AT_EMPTY_PATH);
  }

  /** A variable whose value is the pid of the process that executes this, as that process sees it. */
  public static Operand.Data pidVariable(BirthProgram.Builder program, String name) {
    var prefix = (name + '=').getBytes(StandardCharsets.UTF_8);
    var variable = program.bytes(Arrays.copyOf(prefix, prefix.length + DECIMAL_BYTES), '"' + name + "=PID\"");
    program.purpose("tell the program its pid, in " + name);
    program.decimal(program.call("getpid"), variable, prefix.length);
    return variable;
  }

  /**
   * What makes an embryo pid 1 of its namespace: it ignores SIGCHLD, so that the kernel reaps orphans by itself, is not
   * dumpable, so that nobody inside reads or writes its memory, and can call next to nothing.
   *
   * @param privileges how it drops its privileges
   * @param filter the only calls it may make from now on
   */
  public static Fragment init(Fragment privileges, byte[] filter) {
    return closed("init", privileges, filter);
  }

  /**
   * What makes a process the guard of its embryo: it is closed to the program as init is, and can call next to nothing.
   *
   * @param privileges how it drops its privileges
   * @param filter the only calls it may make from now on
   */
  public static Fragment guard(Fragment privileges, byte[] filter) {
    return closed("guard", privileges, filter);
  }

  private static Fragment closed(String role, Fragment privileges, byte[] filter) {
    return program -> {
      program.purpose("arm " + role);
      program.call("prctl", Constant.PR_SET_NAME, program.string("embryo-" + role));
      var ignore = program.words("{SIG_IGN}", SIG_IGN, 0, 0, 0);
      program.call("rt_sigaction", new Operand.Value(SIGCHLD, "SIGCHLD"), ignore, 0, SIGNAL_SET_BYTES);
      privileges.addTo(program);
      program.purpose("arm " + role).call("prctl", Constant.PR_SET_DUMPABLE, 0);
      filter(program, role, filter);
    };
  }
}
