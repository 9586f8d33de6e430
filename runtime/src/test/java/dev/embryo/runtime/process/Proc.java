package dev.embryo.runtime.process;

import dev.embryo.runtime.linux.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the kernel says of processes, in /proc. */
final class Proc {
  private Proc() {}

  /** The descriptors of a process, with what they are open on. */
  static Map<Integer, String> descriptors(long pid) throws IOException {
    var found = new TreeMap<Integer, String>();
    var folder = Path.of("/proc/" + pid + "/fd");
    try (var entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        try {
          String target = Files.readSymbolicLink(entry).toString();
          if (!target.equals("/proc/" + pid + "/fd")) { // the stream's own
            found.put(Integer.valueOf(entry.getFileName().toString()), target);
          }
        } catch (NoSuchFileException closedMeanwhile) {
          continue;
        }
      }
    }
    return found;
  }

  /** This JVM's descriptors, without those that the JVM itself opens when it likes. */
  static Map<Integer, String> ownDescriptors() throws IOException {
    var found = descriptors(Libc.getpid());
    // The class loader keeps jars open once it has needed them; at times the JVM looks at its limits in the cgroup.
    found.values().removeIf(target ->
        target.endsWith(".jar") || target.endsWith("/lib/modules") || target.startsWith("/sys/fs/cgroup/"));
    return found;
  }

  /** The children of a process, dead ones that nobody has waited for among them. */
  static TreeSet<Integer> children(long parent) throws IOException {
    var found = new TreeSet<Integer>();
    try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        if (exists(pid) && stat(pid)[1].equals(Long.toString(parent))) {
          found.add(pid);
        }
      }
    }
    return found;
  }

  /** False once the process is gone or a zombie of somebody else. */
  static boolean runs(int pid) throws IOException {
    String state = stat(pid)[0];
    return !state.equals("Z") && !state.equals("X") && !state.isEmpty();
  }

  /** False once the process is gone and its parent has taken its status. */
  static boolean exists(int pid) {
    return Files.exists(Path.of("/proc/" + pid));
  }

  /** The fields of /proc/PID/stat from the third on (state, ppid, pgrp, session, tty_nr ...), empty if it is gone. */
  static String[] stat(int pid) throws IOException {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return line.substring(line.lastIndexOf(')') + 2).split(" ");
    } catch (IOException gone) {
      return new String[] {"", ""};
    }
  }

  /** A field of /proc/PID/status. */
  static String status(int pid, String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    throw new AssertionError("no " + field + " in the status of " + pid);
  }
}
