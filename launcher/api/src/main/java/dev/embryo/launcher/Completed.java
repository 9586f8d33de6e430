package dev.embryo.launcher;

import dev.embryo.runtime.process.ExitStatus;
import java.nio.charset.StandardCharsets;

/**
 * How a program ended, and what it wrote that was collected.
 *
 * <p>The arrays are not copied; whoever is given one may change it.
 *
 * @param status its exit status
 * @param output what it wrote to its standard output; empty if that was not collected
 * @param errors what it wrote to its standard error; empty if that was not collected
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what a program writes, and nobody compares these
public record Completed(ExitStatus status, byte[] output, byte[] errors) {

  /** The standard output as UTF-8; what is no UTF-8 becomes U+FFFD. */
  public String outputText() {
    return new String(output, StandardCharsets.UTF_8);
  }

  /** The standard error likewise. */
  public String errorText() {
    return new String(errors, StandardCharsets.UTF_8);
  }

  /** True for exit status 0. */
  public boolean isSuccess() {
    return status.shellStatus() == 0;
  }

  /** The status, and how much was written: not what, which may be anything. */
  @Override
  public String toString() {
    return status + ", " + output.length + " bytes of output, " + errors.length + " bytes of errors";
  }
}
