package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.util.Arrays;

/**
 * What lets a program live on a terminal as a shell's job does: it is its session's leader, the terminal is its
 * controlling terminal, it can be stopped by it, and it can be in the terminal's background.
 *
 * <p>The kernel stops a process at SIGTSTP, SIGTTIN or SIGTTOU only if its process group is not orphaned: one member needs a
 * parent in the same session and in another group, who could continue it. The program's parent is the launcher, in another
 * session. So the embryo clones a companion, which clones a member of the embryo's group and moves into a group of its own.
 * Only a process of the session can say which group is in the terminal's foreground: the companion does, when the launcher
 * tells it.
 *
 * <pre>
 *   session of the program
 *     group of the program:    program, member
 *     group of the companion:  companion, the member's parent
 * </pre>
 *
 * <p>Both are the stub, end with their control sockets, and ignore every signal that can be ignored. They are closed to the
 * program, can open nothing, and their filters leave them what they need. Their exit signal is 0, so that a program that
 * waits for its children does not meet them. The embryo does not go on to its exec before both are so.
 *
 * @param companion what the companion does first
 * @param member what the member does
 */
public record JobControl(BirthProgram companion, BirthProgram member) {
  /** What the launcher supplies, by name: the terminal, the two control sockets, and the two ends of a line. */
  public static final String TERMINAL = "the terminal";
  public static final String COMPANION_CONTROL = "the companion's control";
  public static final String MEMBER_CONTROL = "the member's control";
  public static final String READY = "the company's line";
  public static final String COMPANY = "the line to the company";

  private static final String COMMAND_NAME = "embryo-job";
  private static final byte[] HERE = {'1'};
  private static final int MEMBERS = 2;
  private static final int SIGNALS = 64;
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int CLONE_ARGS_WORDS = 8;

  /** What the companion does when it is told to, any number of times: a failure does not end it. */
  public static final BirthProgram PROGRAM_TO_FOREGROUND = toForeground("the program's", "getsid");
  public static final BirthProgram PROGRAM_TO_BACKGROUND = toForeground("the companion's", "getpid");

  /** What the companion does before the embryo goes on. */
  public static final BirthProgram TELL = tell();

  /**
   * The company under these filters.
   *
   * @param companionFilter the only calls that the companion may make, as an array of struct sock_filter
   * @param memberFilter likewise for the member
   * @param landlockAbi of the rules that allow no file at all
   */
  public static JobControl of(byte[] companionFilter, byte[] memberFilter, int landlockAbi) {
    return new JobControl(companion(companionFilter, landlockAbi), member(memberFilter, landlockAbi));
  }

  /**
   * In the embryo, which leads a session that has no terminal yet, without privileges and before its filters. It is in the root
   * that it will have: what is only just being cloned when init enters that root would keep the old one.
   */
  public static void addTo(BirthProgram.Builder program) {
    program.purpose("make the new terminal the program's controlling terminal")
        .call("ioctl", program.received(TERMINAL), Constant.TIOCSCTTY, 0);
    program.purpose("make the companion, so that the terminal can stop the program");
    program.cloneMember(cloneArguments(program), program.received(COMPANION_CONTROL));
  }

  /** In the embryo, before its exec: waits until companion and member are there, and armed. */
  public static void await(BirthProgram.Builder program) {
    program.purpose("wait for the companion and the member");
    var here = program.bytes(HERE, "\"1\"");
    for (int i = 0; i < MEMBERS; i++) {
      var word = program.bytes(new byte[HERE.length], "&word");
      program.call("read", program.received(COMPANY), word, HERE.length);
      program.compare(word.offset(), here); // the end of the line says nothing
    }
  }

  private static BirthProgram companion(byte[] filter, int landlockAbi) {
    var program = BirthProgram.builder();
    program.purpose("ignore what the terminal and the program send");
    var ignore = program.words("{SIG_IGN}", SIG_IGN, 0, 0, 0);
    for (int signal = 1; signal <= SIGNALS; signal++) {
      if (signal != SIGKILL && signal != SIGSTOP) {
        program.call("rt_sigaction", signal, ignore, 0, SIGNAL_SET_BYTES);
      }
    }
    program.purpose("be closed to the program");
    program.call("prctl", Constant.PR_SET_NAME, program.string(COMMAND_NAME));
    program.call("prctl", Constant.PR_SET_DUMPABLE, 0);
    program.purpose("make the member of the program's group");
    program.cloneMember(cloneArguments(program), program.received(MEMBER_CONTROL));
    program.purpose("be a group of its own").call("setpgid", 0, 0);
    arm(program, "companion", filter, landlockAbi);
    return program.build();
  }

  private static BirthProgram member(byte[] filter, int landlockAbi) {
    var program = BirthProgram.builder(); // the rest is inherited from the companion
    arm(program, "member", filter, landlockAbi);
    addTell(program);
    return program.build();
  }

  private static void arm(BirthProgram.Builder program, String role, byte[] filter, int landlockAbi) {
    Ruleset.create(program, landlockAbi).enforce();
    Arming.filter(program, role, filter);
  }

  private static BirthProgram tell() {
    var program = BirthProgram.builder();
    addTell(program);
    return program.build();
  }

  private static void addTell(BirthProgram.Builder program) {
    program.purpose("tell the embryo that this process is here, and armed")
        .call("write", program.received(READY), program.bytes(HERE, "\"1\""), HERE.length);
  }

  /** @param who the call that tells a process the group's id: its session's is the program's */
  private static BirthProgram toForeground(String whose, String who) {
    var program = BirthProgram.builder();
    program.purpose("bring " + whose + " process group to the foreground");
    var group = program.words("&group", 0);
    program.callStoring(group, 0, who);
    program.call("ioctl", program.received(TERMINAL), Constant.TIOCSPGRP, group);
    return program.buildSurvivingFailure();
  }

  private static Operand.Data cloneArguments(BirthProgram.Builder program) {
    var none = new Object[CLONE_ARGS_WORDS];
    Arrays.fill(none, 0);
    return program.words("{flags=0}", none);
  }
}
