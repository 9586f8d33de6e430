package dev.embryo.launcher.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;

/** Where answers go. */
final class StandardOutput {
  private static final String NOBODY_READS = "broken pipe";

  private StandardOutput() {}

  /**
   * Ends what a command has written. An answer that has not arrived whole, such as a policy that {@code explain --expand}
   * wrote to a full disk, must not be taken for one. Who reads the beginning only, as head does, has what it wanted.
   *
   * @param status the command's
   * @return the status to end with
   */
  static int settle(int status, PrintWriter err) {
    if (!System.out.checkError()) {
      return status;
    }
    String why = reason();
    if (why.toLowerCase(Locale.ROOT).contains(NOBODY_READS)) {
      return status;
    }
    err.println("embryo: the answer could not be written to standard output: " + why);
    return Status.LAUNCHER;
  }

  /** A stream remembers that it failed, and not why: that is said again to who tries again. */
  private static String reason() {
    try {
      new FileOutputStream(FileDescriptor.out).write('\n');
      return "a part of it is missing";
    } catch (IOException failure) {
      return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }
  }
}
