package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.birth.Operation;
import java.util.Arrays;
import java.util.List;

/**
 * Lists every system call of a birth, process by process, the way {@code strace -f} shows them: those that the compiled
 * policy asks for, numbered, and those by which the stub receives and answers them. Stateless.
 *
 * <p>{@code rN} is the result of line N of the same process; {@code {NAME}} is a descriptor and {@code <NAME>} a number that
 * each launch supplies. A line that begins with {@code #} is no system call.
 */
public final class BirthListing {
  private static final int PURPOSE_COLUMN = 76;
  private static final List<String> PREAMBLE = List.of(
      "# rN: the result of line rN.  {NAME}: a descriptor, <NAME>: a number, that each launch supplies.",
      "# Lines without a number are the stub's own. A line that begins with '#' is no system call. Where the stub holds",
      "# one of its own descriptors at a number that is given away, it moves it first: fcntl(N, F_DUPFD_CLOEXEC, N+1).");
  private static final String GATE_FLAGS = "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM";
  private static final String EXEC = "execveat";
  private static final String GATE = "@gate";
  private static final String HERALD = "@herald";
  private static final String SEND = "@send";

  private final StringBuilder text = new StringBuilder();
  private String purpose = "";

  private BirthListing() {}

  /** The listing. */
  public static String of(CompiledPolicy compiled) {
    var listing = new BirthListing();
    listing.birth(compiled.plan(), compiled.program());
    compiled.jobControl().ifPresent(listing::company);
    return listing.text.toString();
  }

  private void birth(BirthPlan plan, BirthProgram program) {
    PREAMBLE.forEach(this::raw);
    plan.cgroup().ifPresent(this::cgroup);
    process("zygote", "one for all launches of a JVM; it waits for requests");
    receive(plan.zygote(), "the request");
    operations(plan.zygote());
    answer(plan.zygote(), "the zygote's");
    close(plan.zygote());
    boolean guarded = plan.watch().isPresent();
    if (guarded) {
      guard(plan);
    } else {
      plan.helper().ifPresent(this::helper);
      plan.init().ifPresent(this::init);
    }
    boolean inNamespace = plan.helper().isPresent() && !guarded;
    process("embryo", inNamespace ? "process 2 of the pid namespace; becomes the program" : "becomes the program");
    begin(inNamespace ? "" : BirthPlan.CONTROL);
    receive(program, "this program");
    operations(program);
    gate(program);
  }

  private void cgroup(CgroupPlan plan) {
    raw("");
    raw("# The launcher makes the cgroup in " + plan.parent() + " and writes: " + plan.settings());
    if (!plan.afterwards().isEmpty()) {
      raw("# When the program runs: " + plan.afterwards());
    }
  }

  private void helper(BirthProgram program) {
    process("helper", "prepares the namespaces, and ends when both processes are made");
    begin(BirthPlan.CONTROL);
    receive(program, "this program");
    operations(program);
    answer(program, "both pidfds");
    stub("exit_group(0)", "its work is done");
  }

  private void init(BirthProgram program) {
    process("init", "process 1 of the pid namespace; holds nothing but its control socket");
    begin(BirthPlan.INIT_CONTROL);
    receive(program, "this program");
    operations(program);
    answer(program, "init is armed");
    close(program);
    stub("recvmsg(0)", "wait for the launcher's end, which ends the namespace");
  }

  private void guard(BirthPlan plan) {
    process("guard", "makes the embryo, and stays to end it when the launcher has ended");
    begin(BirthPlan.INIT_CONTROL);
    step(plan.helper().orElseThrow(), "the pidfd");
    step(plan.init().orElseThrow(), "the guard is armed");
    var watch = plan.watch().orElseThrow();
    receive(watch, "this program");
    operations(watch);
    stub("exit_group(0)", "its work is done");
  }

  private void step(BirthProgram program, String answer) {
    receive(program, "this program");
    operations(program);
    answer(program, answer);
    close(program);
  }

  private void process(String name, String words) {
    text.append('\n').append(name).append(": # ").append(words).append('\n');
    purpose = "";
  }

  /** A new process of the stub keeps its control socket, as number 0, and nothing else. */
  private void begin(String control) {
    if (!control.isEmpty()) {
      stub("dup3({" + control + "}, 0, O_CLOEXEC)", "keep the control socket");
    }
    stub("close_range(1, 4294967295, 0)", "and nothing else");
    stub("setsid()", "be a session of its own");
  }

  private void receive(BirthProgram program, String what) {
    String with = program.descriptors().isEmpty() ? "" : ", with " + String.join(", ", braced(program));
    stub("recvmsg(0)", "receive " + what + with);
    if (program.encoding().hasDataApart()) {
      stub("mmap(0, " + program.encoding().dataApart().length + ", PROT_READ|PROT_WRITE, MAP_PRIVATE, {data}, 0)",
          "its data, in a memory file");
    }
  }

  private static List<String> braced(BirthProgram program) {
    return program.descriptors().stream().map(name -> '{' + name + '}').toList();
  }

  private void answer(BirthProgram program, String what) {
    stub(has(program, SEND) ? "sendmsg(0)" : "write(0)", "answer: " + what);
  }

  private void close(BirthProgram program) {
    if (program.encoding().hasDataApart()) {
      stub("close({data})", "close what was received");
    }
    braced(program).forEach(name -> stub("close(" + name + ")", "close what was received"));
  }

  private void operations(BirthProgram program) {
    for (int i = 0; i < program.operations().size(); i++) {
      operation(i, program.operations().get(i));
    }
  }

  private void operation(int index, Operation operation) {
    String repeated = operation.purpose().equals(purpose) ? "" : operation.purpose();
    purpose = operation.purpose();
    String printed = Disassembler.print(operation);
    String arguments = printed.substring(operation.name().length() + 1, printed.length() - 1);
    switch (operation.name()) {
      case "@clone" -> line(index, "clone3(" + firstOf(arguments, 2) + ")", repeated);
      case "@place" -> line(index, "dup3(" + arguments + ", 0)", repeated);
      case "@settle" -> {
        line(index, "dup3(" + arguments + ", 0)", repeated);
        stub("close(" + firstOf(arguments, 1) + ")", "it has its number");
      }
      case GATE -> line(index, "clone(" + GATE_FLAGS + ")", "the thread that lets it pass");
      case HERALD -> line(index, "clone(" + GATE_FLAGS + ")", "the thread that sends the listener");
      case SEND, "@compare", "@decimal" -> raw("# r" + index + " = " + printed + " " + repeated);
      default -> line(index, printed, repeated);
    }
  }

  /** Arguments are joined by ", ", which no argument of a clone contains. */
  private static String firstOf(String arguments, int count) {
    return String.join(", ", Arrays.asList(arguments.split(", ", -1)).subList(0, count));
  }

  /** The second thread of the embryo. It must not outlive the exec, and does not: the kernel ends it. */
  private void gate(BirthProgram program) {
    if (has(program, GATE)) {
      process("gate", "a thread of the embryo, which the exec ends");
      stub("ioctl({listener}, SECCOMP_IOCTL_NOTIF_RECV)", "wait for the " + EXEC);
      stub("ioctl({listener}, SECCOMP_IOCTL_NOTIF_SEND)", "let it pass; there is no second");
      stub("ppoll(0, 0, 0, 0)", "until the exec");
    } else if (has(program, HERALD)) {
      process("herald", "a thread of the embryo, which is done before the exec");
      stub("futex(&listener, FUTEX_WAIT_PRIVATE, -1, {1 ms})", "as often as the listener is not there yet");
      stub("sendmsg(0)", "send the listener: the launcher answers from now on");
      stub("exit(0)", "its work is done");
    }
  }

  private void company(JobControl jobControl) {
    process("companion", "in the program's session and in a group of its own; stays, and does what the last two do when it is told to");
    beginMember(JobControl.COMPANION_CONTROL);
    step(jobControl.companion(), "the companion is armed");
    step(JobControl.TELL, "and has said so");
    step(JobControl.PROGRAM_TO_BACKGROUND, "done");
    step(JobControl.PROGRAM_TO_FOREGROUND, "done");
    process("member", "in the program's group, so that the terminal can stop it; stays, and does nothing");
    beginMember(JobControl.MEMBER_CONTROL);
    step(jobControl.member(), "the member is armed");
    stub("recvmsg(0)", "wait for the launcher's end");
  }

  private void beginMember(String control) {
    stub("dup3({" + control + "}, 0, O_CLOEXEC)", "keep the control socket");
    stub("close_range(1, 4294967295, 0)", "and nothing else");
  }

  private static boolean has(BirthProgram program, String name) {
    return program.operations().stream().anyMatch(operation -> operation.name().equals(name));
  }

  private void line(int index, String call, String words) {
    write(String.format("%-5s= %s", "r" + index, call), words);
  }

  private void stub(String call, String words) {
    purpose = "";
    write("       " + call, words);
  }

  private void write(String line, String words) {
    raw(words.isEmpty() ? line : String.format("%-" + PURPOSE_COLUMN + "s # %s", line, words));
  }

  private void raw(String line) {
    text.append(line.stripTrailing()).append('\n');
  }
}
