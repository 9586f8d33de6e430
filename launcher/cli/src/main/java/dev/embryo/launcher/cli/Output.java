package dev.embryo.launcher.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The standard output of this process. It remembers why something could not be written, which a {@link PrintStream} forgets: a file
 * that lacks its end must not look like a whole one. Used by one thread.
 */
final class Output extends FilterOutputStream {
  private @Nullable IOException failure;

  private Output() {
    super(new FileOutputStream(FileDescriptor.out));
  }

  /** Puts it into the place of {@link System#out}. */
  static Output take() {
    var output = new Output();
    System.setOut(new PrintStream(output, false));
    return output;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException reason) {
      failure = reason;
      throw reason;
    }
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  /** What to say of what is missing; nothing of a reader that has seen enough. */
  Optional<String> lack() {
    return failure == null || isPipe() ? Optional.empty()
        : Optional.of("embryo: the output is not whole: " + failure.getMessage());
  }

  private static boolean isPipe() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString().matches("(pipe|socket):.*");
    } catch (IOException unknown) {
      return false;
    }
  }
}
