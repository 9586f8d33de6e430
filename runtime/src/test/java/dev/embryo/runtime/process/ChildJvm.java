package dev.embryo.runtime.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What tests do in a JVM of its own, by a word on its command line. */
public final class ChildJvm {
  private static final int SIGCHLD = 17;
  private static final long SIG_IGN = 1;

  private ChildJvm() {}

  static Process start(String word) throws IOException {
    return new ProcessBuilder(command(List.of(), word)).redirectErrorStream(false)
        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  static List<String> command(List<String> before, String word) {
    var command = new ArrayList<>(before);
    String home = System.getProperty("java.home");
    command.addAll(List.of(home + File.separator + "bin" + File.separator + "java", "-XX:+UseSerialGC",
        "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
        ChildJvm.class.getName(), word));
    return command;
  }

  static String outputOf(String word) throws Exception {
    var jvm = start(word);
    try (var output = jvm.getInputStream()) {
      var text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(jvm.waitFor()).as("exit status, after: %s", text).isZero();
      return text;
    }
  }

  static boolean kernelIsAtLeast(int major, int minor) {
    var version = System.getProperty("os.version").split("[.-]");
    int theirs = Integer.parseInt(version[0]);
    return theirs > major || theirs == major && Integer.parseInt(version[1]) >= minor;
  }

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "sleepers" -> sleepers();
      case "guarded" -> guarded();
      case "guarded-tree" -> guardedTree();
      case "ignoring-sigchld" -> ignoringSigchld();
      case "broken-reactor" -> brokenReactor();
      case "births" -> births();
      case "few-descriptors" -> fewDescriptors();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Prints the pids of a program, its init, an embryo, its init, and the zygote; then waits to be killed. */
  private static void sleepers() throws Exception {
    var running = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID));
    Program.shell(running, "exec sleep 1000");
    var process = running.start();
    var atRest = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID));
    assertThat(Proc.children(Libc.getpid())).contains(process.pid(), atRest.pid());
    Proc.children(Libc.getpid()).forEach(System.out::println);
    System.out.println("ready");
    Thread.currentThread().join();
  }

  /** The same without pid namespaces: each of the two has a guard. */
  private static void guarded() throws Exception {
    var running = Zygote.shared().embryo(GuardTest.guarded());
    Program.shell(running, "trap '' HUP INT TERM; while :; do read line; done");
    running.start();
    Zygote.shared().embryo(GuardTest.guarded());
    Proc.children(Libc.getpid()).forEach(System.out::println);
    System.out.println("ready");
    Thread.currentThread().join();
  }

  /** Without a pid namespace and with a cgroup: a program that starts another, whose pid is printed. */
  private static void guardedTree() throws Exception {
    var plan = new CgroupPlan(CgroupSearch.find().directory().orElseThrow(), List.of(), List.of());
    var running = Zygote.shared().embryo(GuardTest.guarded().inCgroup(plan));
    var output = FdPair.pipe();
    running.setFd(output.second(), 1);
    Program.shell(running, "sleep 1000 >/dev/null & echo $!; exec sleep 1000");
    running.start();
    System.out.print(new BufferedReader(new InputStreamReader(new PipeInputStream(output.first()), US_ASCII)).readLine() + "\n");
    System.out.flush();
    Thread.currentThread().join();
  }

  private static void ignoringSigchld() throws Exception {
    var ignore = Libc.allocate(32).putLong(0, SIG_IGN);
    LinuxException.check("ignore SIGCHLD",
        Libc.syscall(SystemCalls.number("rt_sigaction"), SIGCHLD, Libc.address(ignore), 0, 8, 0, 0));
    for (var namespaces : List.of(Set.<Namespace>of(), Set.of(Namespace.USER, Namespace.PID))) {
      try (var embryo = Zygote.shared().embryo(namespaces)) {
        Program.shell(embryo, namespaces.isEmpty() ? "exit 7" : "exit 8");
        try (var process = embryo.start()) {
          System.out.println(process.waitFor());
        }
      }
      if (namespaces.isEmpty()) {
        try (var embryo = Zygote.shared().embryo(namespaces)) {
          Program.shell(embryo, "exec sleep 1000");
          try (var process = embryo.start()) {
            process.kill();
            System.out.println(process.waitFor());
          }
        }
      }
    }
  }

  private static void brokenReactor() throws Exception {
    try (var embryo = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID))) {
      Program.shell(embryo, "exec sleep 1000");
      var process = embryo.start();
      for (var descriptor : Proc.descriptors(Libc.getpid()).entrySet()) {
        if (descriptor.getValue().contains("eventpoll")) {
          Libc.close(descriptor.getKey());
        }
      }
      process.killAfter(Duration.ZERO); // wakes the reactor
      try {
        process.waitFor();
      } catch (IOException broken) {
        System.out.println(broken.getMessage());
      }
      process.close();
      System.out.println(Proc.exists(process.pid()) ? "left" : "gone");
    }
  }

  /** Launches with room for one more descriptor each time, from none to plenty, and prints what is left of that. */
  private static void fewDescriptors() throws Exception {
    loadAllClasses();
    Zygote.shared().embryo(Set.of()).close();
    attempt(); // opens whatever is opened only once
    var descriptors = Proc.ownDescriptors();
    var children = Proc.children(Libc.getpid());
    int[] free = IntStream.range(0, 4096).filter(number -> !descriptors.containsKey(number)).limit(24).toArray();
    int failures = 0;
    for (int number : free) {
      limitDescriptors(number);
      boolean worked = attempt();
      limitDescriptors(4096);
      failures += worked ? 0 : 1;
    }
    System.out.println(failures > 5 && failures < free.length ? "some launches failed" : failures + " launches failed");
    System.out.println(Proc.ownDescriptors().equals(descriptors) ? "no descriptor left"
        : "before " + descriptors + ", after " + Proc.ownDescriptors());
    System.out.println(Proc.children(Libc.getpid()).equals(children) ? "no process left"
        : "before " + children + ", after " + Proc.children(Libc.getpid()));
  }

  private static boolean attempt() {
    try (var embryo = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID))) {
      Program.shell(embryo, "exit 0");
      try (var process = embryo.start()) {
        return process.waitFor().code() == 0;
      }
    } catch (IOException | InterruptedException refused) {
      return false;
    }
  }

  private static void limitDescriptors(long number) throws IOException {
    var limit = Libc.allocate(16).putLong(0, number).putLong(8, 4096);
    LinuxException.check("limit descriptors",
        Libc.syscall(SystemCalls.number("prlimit64"), 0, 7, Libc.address(limit), 0, 0, 0));
  }

  /** A class that is loaded when no descriptor is free is lost for good. */
  private static void loadAllClasses() throws Exception {
    var folder = Path.of(Zygote.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '.');
        if (!name.contains("-")) {
          Class.forName(name.substring(0, name.length() - ".class".length()));
        }
      }
    }
  }

  private static void births() throws Exception {
    for (var namespaces : List.of(Set.<Namespace>of(), Set.of(Namespace.USER, Namespace.PID, Namespace.MOUNT))) {
      for (int i = 0; i < 3; i++) {
        try (var embryo = Zygote.shared().embryo(namespaces); var probe = Program.Probe.start(embryo)) {
          probe.call("getpid");
        }
      }
    }
    System.out.println("done");
  }
}
