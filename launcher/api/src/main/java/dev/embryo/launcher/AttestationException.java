package dev.embryo.launcher;

import java.io.IOException;
import java.util.List;

/** What the kernel says of a process that was about to become a program differs from what the policy was compiled to. It never ran. */
public final class AttestationException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> differences;

  AttestationException(List<String> differences) {
    super("the program was not run, for its process is not what the policy was compiled to: " + String.join("; ", differences));
    this.differences = List.copyOf(differences);
  }

  /** What differs, each in a few words; at least one. */
  public List<String> differences() {
    return differences;
  }
}
