package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.fd.PipeOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The launcher's side of one launch: its ends of the pipes to the program, and those who attend to other descriptors.
 * Filled by one thread, before there is a process: whatever can fail does so then.
 */
final class Ends implements AutoCloseable {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;

  private static final System.Logger LOG = System.getLogger(Ends.class.getName());

  private final List<Attendant> attendants = new ArrayList<>();
  private @Nullable PipeOutputStream toProgram;
  private @Nullable PipeInputStream output;
  private @Nullable PipeInputStream errors;

  /**
   * A pipe between the launcher and a standard stream of the program.
   *
   * @return the program's end
   */
  Fd pipe(int stream) throws IOException {
    var pipe = FdPair.pipe();
    try {
      switch (stream) {
        case STDIN -> toProgram = new PipeOutputStream(pipe.second());
        case STDOUT -> output = new PipeInputStream(pipe.first());
        default -> errors = new PipeInputStream(pipe.first());
      }
      return stream == STDIN ? pipe.first() : pipe.second();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }

  void attend(Attendant attendant) {
    attendants.add(attendant);
  }

  OutputStream toProgram() {
    return toProgram == null ? OutputStream.nullOutputStream() : toProgram;
  }

  InputStream output() {
    return output == null ? InputStream.nullInputStream() : output;
  }

  InputStream errors() {
    return errors == null ? InputStream.nullInputStream() : errors;
  }

  List<Attendant> attendants() {
    return List.copyOf(attendants);
  }

  /**
   * The sandbox is gone: what was not read yet goes into memory, and no descriptor is left for somebody to close. As with
   * ProcessBuilder, whose users do not close streams. On the thread that notices the end.
   */
  void settle() {
    try {
      if (output != null) {
        output.settle();
      }
      if (errors != null) {
        errors.settle();
      }
      if (toProgram != null) {
        toProgram.settle();
      }
    } catch (IOException failure) {
      LOG.log(Level.WARNING, "a stream stays open until it is closed", failure);
    }
  }

  @Override
  public void close() throws IOException {
    attendants.forEach(Attendant::close);
    try (var first = toProgram; var second = output; var third = errors) {
      // closing is all there is to do
    }
  }
}
