package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a capability {@code inherit: 0}, {@code 1} or {@code 2} stands for in a launch by this library, as {@link
 * ProcessBuilder.Redirect} is for a {@link ProcessBuilder}.
 *
 * <p>It never gives a program more than its policy does: a stream that the policy does not name holds the null device,
 * whatever is chosen here, and one that it names is open for reading or for writing only, even where the policy says both.
 * Files are opened, and created, by this JVM and with its authority, at each launch.
 *
 * <p>Immutable and thread-safe.
 */
public final class Stdio {
  /** Makes the program's end of a stream. */
  @FunctionalInterface
  private interface Opening {
    Fd open(int stream, Ends ends) throws IOException;
  }

  /** Which of the streams it can be. */
  private enum Use { INPUT, OUTPUT, BOTH }

  /**
   * A new pipe, whose other end is {@link SandboxedProcess#getOutputStream()}, {@link SandboxedProcess#getInputStream()}
   * or {@link SandboxedProcess#getErrorStream()}. This is what a stream is unless something else is said.
   */
  public static final Stdio PIPE = new Stdio("a pipe", Use.BOTH, false, (stream, ends) -> ends.pipe(stream));

  /** The JVM's own descriptor of that number, narrowed to the rights of the policy. */
  public static final Stdio INHERIT = new Stdio("inherited", Use.BOTH, false, (stream, ends) -> {
    throw new AssertionError("what is inherited depends on the policy's rights");
  });

  /** The null device: nothing comes in, and what goes out is dropped. */
  public static final Stdio NULL = new Stdio("the null device", Use.BOTH, false,
      (stream, ends) -> Fd.open("/dev/null", direction(stream)));

  private static final int PERMISSIONS = 0666; // less the umask, as ProcessBuilder's

  private final String text;
  private final Use use;
  private final boolean carriesData;
  private final Opening opening;

  private Stdio(String text, Use use, boolean carriesData, Opening opening) {
    this.text = text;
    this.use = use;
    this.carriesData = carriesData;
    this.opening = opening;
  }

  /** Standard input: a file, from its beginning. */
  public static Stdio from(Path file) {
    return file("read from ", file, Use.INPUT, Constant.O_RDONLY);
  }

  /** Standard output or error: a file, which is created if need be and emptied otherwise. */
  public static Stdio to(Path file) {
    return file("written to ", file, Use.OUTPUT, Constant.or(Constant.O_WRONLY, Constant.O_CREAT, Constant.O_TRUNC));
  }

  /**
   * Standard output or error: the end of a file, which is created if need be. That keeps writers from overwriting each
   * other; it does not keep the program from what is in the file already, for it can switch the mode off.
   */
  public static Stdio append(Path file) {
    return file("appended to ", file, Use.OUTPUT, Constant.or(Constant.O_WRONLY, Constant.O_CREAT, Constant.O_APPEND));
  }

  private static Stdio file(String what, Path file, Use use, Constant flags) {
    var path = file.toAbsolutePath().toString();
    return new Stdio(what + file, use, true, (stream, ends) -> open(path, flags));
  }

  private static Fd open(String path, Constant flags) throws IOException {
    boolean creates = (flags.value() & Constant.O_CREAT.value()) != 0;
    return creates ? Fd.create(path, flags.asInt(), PERMISSIONS) : Fd.open(path, flags.asInt());
  }

  private static int direction(int stream) {
    return stream == 0 ? Constant.O_RDONLY.asInt() : Constant.O_WRONLY.asInt();
  }

  /** The program's end, for the standard stream of that number. */
  Fd open(int stream, Ends ends) throws IOException {
    return opening.open(stream, ends);
  }

  /** Whether it makes no sense for a stream that the program does not have. */
  boolean carriesData() {
    return carriesData;
  }

  /** @throws IllegalArgumentException if a program cannot read from it */
  Stdio forInput() {
    if (use == Use.OUTPUT) {
      throw new IllegalArgumentException("stdin cannot be " + text + ": it is read");
    }
    return this;
  }

  /** @throws IllegalArgumentException if a program cannot write to it */
  Stdio forOutput(String stream) {
    if (use == Use.INPUT) {
      throw new IllegalArgumentException(stream + " cannot be " + text + ": it is written");
    }
    return this;
  }

  /** What it is, in words. */
  @Override
  public String toString() {
    return text;
  }
}
