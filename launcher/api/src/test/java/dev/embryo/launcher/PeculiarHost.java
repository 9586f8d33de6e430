package dev.embryo.launcher;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** What {@link PeculiarHostsTest} does in a JVM of its own, by the first word on its command line. */
final class PeculiarHost {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int SIGCHLD = 17;
  private static final long SIG_IGN = 1;
  private static final int LAUNCHES = 1000;
  private static final int AT_ONCE = 50;

  private PeculiarHost() {}

  public static void main(String[] arguments) throws Exception {
    var directory = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "launch" -> launch(directory);
      case "statuses" -> statuses(directory, "");
      case "ignoring-sigchld" -> ignoringSigchld(directory);
      case "pid-1" -> pid1(directory);
      case "virtual-threads" -> virtualThreads(directory);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void launch(Path directory) throws Exception {
    System.out.print(Launches.shell(directory, "echo launched", "").run(LONG).outputText());
  }

  private static void statuses(Path directory, String before) throws Exception {
    System.out.println(before + Launches.shell(directory, "exit 3", "").run(LONG).status());
    try (var process = Launches.shell(directory, "read -r line", "").launch()) {
      process.destroyForcibly();
      System.out.println(before + process.exitStatus());
    }
  }

  private static void ignoringSigchld(Path directory) throws Exception {
    var ignore = Libc.allocate(32).putLong(0, SIG_IGN);
    LinuxException.check("ignore SIGCHLD",
        Libc.syscall(SystemCalls.number("rt_sigaction"), SIGCHLD, Libc.address(ignore), 0, 8, 0, 0));
    statuses(directory, "");
  }

  /** A child of the JDK's, and one that becomes ours because its parent has ended, among sandboxes. */
  private static void pid1(Path directory) throws Exception {
    System.out.println("pid " + ProcessHandle.current().pid());
    var orphaned = new ProcessBuilder("sh", "-c", "exec 3<&0; (read -r line <&3; exit 5) & echo $!").start();
    int orphan = Integer.parseInt(orphaned.inputReader().readLine());
    orphaned.waitFor();
    var child = new ProcessBuilder("sh", "-c", "read -r line; exit 7").start();
    statuses(directory, "sandbox ");
    child.getOutputStream().close();
    System.out.println("the JDK's child " + child.waitFor());
    String stat = Files.readString(Path.of("/proc/" + orphan + "/stat"));
    System.out.println(stat.matches("(?s)\\d+ \\(sh\\) [A-Z] 1 .*") ? "an orphan waits for the JVM" : stat);
  }

  /** Each program's input is written by a thread that begins after the one which reads its output. */
  private static void virtualThreads(Path directory) throws Exception {
    var sandbox = Launches.sandbox(directory, "program: {path: /bin/cat}\n" + Launches.STREAMS);
    sandbox.run(LONG); // loads classes, which pins by itself
    var recording = new Recording();
    recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO).withStackTrace();
    var atOnce = new Semaphore(AT_ONCE);
    try (recording) {
      var threads = virtualThreadPerTask();
      threads.submit(() -> launchOne(sandbox, threads, "warm-up", atOnce)).get();
      recording.start();
      var results = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < LAUNCHES; i++) {
        String text = "text " + i;
        results.add(threads.submit(() -> launchOne(sandbox, threads, text, atOnce)));
      }
      int right = 0;
      for (var result : results) {
        right += result.get() ? 1 : 0;
      }
      System.out.println(right + " right");
      recording.stop();
      var events = Files.createTempFile(directory, "pinned", ".jfr");
      recording.dump(events);
      System.out.println("pinned: " + RecordingFile.readAllEvents(events));
    }
  }

  private static ExecutorService virtualThreadPerTask() throws ReflectiveOperationException {
    return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
  }

  private static boolean launchOne(Sandbox sandbox, ExecutorService threads, String text, Semaphore atOnce)
      throws Exception {
    atOnce.acquire();
    try (var process = sandbox.launch()) {
      Callable<String> reader = () -> Launches.text(process.getInputStream().readAllBytes());
      var read = threads.submit(reader);
      threads.submit(() -> write(process, text)).get();
      return read.get().equals(text) && process.waitFor() == 0;
    } finally {
      atOnce.release();
    }
  }

  private static Object write(SandboxedProcess process, String text) throws IOException {
    try (var input = process.getOutputStream()) {
      input.write(text.getBytes(StandardCharsets.UTF_8));
      return text;
    }
  }
}
