package dev.embryo.launcher.bench;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another JVM that launches when it is told to and tells how long it took. It is for what a JVM decides once: how
 * ProcessBuilder starts processes, and how large the heap is. Two subjects in one satellite, or one in each of two,
 * alternate as they do in this JVM. Used by one thread.
 */
final class Satellite implements AutoCloseable {
  private static final int CHUNK = 64 << 20;

  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  private Satellite(Process process) {
    this.process = process;
    orders = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a JVM like this one.
   *
   * @param touchedMebibytes how much of its heap it writes to, before the first launch, and keeps
   */
  static Satellite start(int touchedMebibytes, List<String> flags) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djna.boot.library.path=" + System.getProperty("jna.boot.library.path", ""));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Satellite.class.getName(),
        Integer.toString(touchedMebibytes)));
    return new Satellite(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** A subject, launched by the satellite. Closing it does not end the satellite. */
  Launcher launcher(Subject subject) {
    return () -> {
      orders.write(subject.name() + '\n');
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new EOFException("the JVM that launches has ended");
      }
      try {
        return Long.parseLong(answer);
      } catch (NumberFormatException message) {
        throw new IOException(answer, message);
      }
    };
  }

  @Override
  public void close() throws IOException {
    orders.close(); // the end of its input ends it
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The satellite itself: a subject's name a line, answered by nanoseconds or by what went wrong. */
  public static void main(String[] arguments) throws IOException {
    var touched = touch(Integer.parseInt(arguments[0]));
    var launchers = new java.util.EnumMap<Subject, Launcher>(Subject.class);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(answer(Subject.valueOf(line), launchers));
    }
    Reference.reachabilityFence(touched);
  }

  private static String answer(Subject subject, java.util.Map<Subject, Launcher> launchers) {
    try {
      var launcher = launchers.get(subject);
      if (launcher == null) {
        launcher = subject.open();
        launchers.put(subject, launcher);
      }
      return Long.toString(launcher.launch());
    } catch (IOException | InterruptedException | RuntimeException failure) {
      return failure.toString().replace('\n', ' ');
    }
  }

  private static List<byte[]> touch(int mebibytes) {
    var chunks = new ArrayList<byte[]>();
    for (int left = mebibytes; left > 0; left -= CHUNK >> 20) {
      var chunk = new byte[CHUNK];
      java.util.Arrays.fill(chunk, (byte) 1);
      chunks.add(chunk);
    }
    return chunks;
  }
}
