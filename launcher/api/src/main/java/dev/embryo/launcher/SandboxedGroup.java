package dev.embryo.launcher;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The programs of a {@link SandboxGroup} that was launched. Thread-safe. */
public final class SandboxedGroup implements AutoCloseable {
  private final Map<String, SandboxedProcess> processes;

  SandboxedGroup(Map<String, SandboxedProcess> processes) {
    this.processes = Collections.unmodifiableMap(new LinkedHashMap<>(processes));
  }

  /** The programs by the names of their sandboxes, in the order in which they were started. */
  public Map<String, SandboxedProcess> processes() {
    return processes;
  }

  /**
   * The program of one sandbox.
   *
   * @throws IllegalArgumentException if none is called so
   */
  public SandboxedProcess process(String sandbox) {
    var process = processes.get(sandbox);
    if (process == null) {
      throw new IllegalArgumentException("no sandbox of the group is called '" + sandbox + "'");
    }
    return process;
  }

  /** Kills all programs, and waits until nothing of their sandboxes is left. */
  @Override
  public void close() throws IOException {
    IOException first = null;
    for (SandboxedProcess process : processes.values()) {
      try {
        process.close();
      } catch (IOException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
