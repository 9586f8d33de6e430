package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.fd.PipeOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The launcher's side of one launch: its ends of the pipes to the program, and those who attend to other descriptors.
 * Filled by one thread, before there is a process: whatever can fail does so then.
 */
final class Ends implements AutoCloseable {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;

  private final List<Attendant> attendants = new ArrayList<>();
  private OutputStream toProgram = OutputStream.nullOutputStream();
  private InputStream output = InputStream.nullInputStream();
  private InputStream errors = InputStream.nullInputStream();

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
    return toProgram;
  }

  InputStream output() {
    return output;
  }

  InputStream errors() {
    return errors;
  }

  List<Attendant> attendants() {
    return List.copyOf(attendants);
  }

  @Override
  public void close() throws IOException {
    attendants.forEach(Attendant::close);
    try (var first = toProgram; var second = output; var third = errors) {
      // closing is all there is to do
    }
  }
}
