package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.time.Duration;

/**
 * Where an embryo waits, armed and with nothing left to do but its exec, until the launcher has looked at it. One serves one
 * launch, and one thread.
 */
public final class Checkpoint implements AutoCloseable {
  private static final String LINE = "the line to the launcher";
  private static final String PURPOSE = "wait until the launcher has looked at this process";
  private static final byte[] WORD = {'1'};
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int POLLFD_BYTES = 8;

  private final FdPair line;
  private final Inspection inspection;

  private Checkpoint(FdPair line, Inspection inspection) {
    this.line = line;
    this.inspection = inspection;
  }

  /** A program that ends in an exec, with a checkpoint before that; its launch needs what {@link #supply} gives. */
  public static BirthProgram in(BirthProgram program) {
    return program.inserting(program.operations().size() - 1, more -> {
      var word = more.bytes(WORD, "\"1\"");
      var answer = more.bytes(new byte[WORD.length], "&word");
      more.purpose(PURPOSE).call("write", more.received(LINE), word, WORD.length);
      more.call("read", more.received(LINE), answer, WORD.length);
      more.compare(answer.offset(), word); // the end of the line says nothing
    });
  }

  /** A new one, at which {@code inspection} looks at the embryo. */
  public static Checkpoint open(Inspection inspection) throws LinuxException {
    return new Checkpoint(FdPair.packets(), inspection);
  }

  /** Supplies what the program needs for it. */
  public void supply(Supplies supplies) {
    supplies.descriptor(LINE, line.second());
  }

  /** Waits until the embryo is there, has it looked at, and lets it go on; one that has ended before is its birth's to explain. */
  void inspect(int pid) throws IOException {
    line.second().close(); // so that this one ends with the embryo
    var memory = Libc.allocate(POLLFD_BYTES);
    ControlSocket.awaitReadable(line.first(), memory, Libc.address(memory), PATIENCE, "was not ready to be looked at");
    if (Libc.read(line.first().number(), Libc.address(memory), WORD.length) == WORD.length) {
      inspection.inspect(pid);
      memory.put(0, WORD);
      LinuxException.check("let the embryo go on", Libc.write(line.first().number(), Libc.address(memory), WORD.length));
    }
  }

  @Override
  public void close() {
    line.close();
  }
}
