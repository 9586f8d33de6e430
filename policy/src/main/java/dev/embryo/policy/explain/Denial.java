package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.Refused;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * A system call that a filter refused, told to people.
 *
 * @param call the call with its arguments, as strace(1) writes them: {@code socket(AF_INET, SOCK_STREAM, 0)}. It holds printable
 *     ASCII characters only, whatever the program passed
 * @param errno the error with which it failed; see errno(3)
 * @param why which rule refused it, in words that end a sentence
 * @param remedy what to write in the policy so that it is allowed; empty if no policy allows it
 */
public record Denial(String call, int errno, String why, Optional<String> remedy) {
  /** How many bytes of a text it is worth reading. */
  public static final int TEXT_BYTES = CallText.MOST_BYTES;

  /**
   * Tells of a call.
   *
   * @param texts the bytes at an address of the program, up to a NUL, {@link #TEXT_BYTES} at most; empty if they cannot be read
   */
  public static Denial of(CompiledPolicy compiled, SeccompData call, LongFunction<Optional<byte[]>> texts) {
    String name = SystemCalls.name(call.number()).orElse("");
    var refused = Refused.of(compiled.policy(), compiled.withholding(), compiled.filters(), name, call.arguments());
    String shown = name.isEmpty() ? "system call " + call.number() : CallText.of(name, call, texts);
    return new Denial(shown, compiled.filters().errno(call), refused.why(), refused.remedy());
  }

  /** On one line: the call, its error, why, and what would allow it. */
  @Override
  public String toString() {
    return call + ": " + Errno.name(errno) + ": " + why
        + remedy.map(text -> "; to allow it, write: " + text).orElse("");
  }
}
