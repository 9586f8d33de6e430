package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Encoding;
import dev.embryo.runtime.fd.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A stub's answer to a birth program.
 *
 * @param error the error number of the operation that failed, or 0
 * @param farewell whether the process has ended with the program, as it was told to
 * @param results of the operations that were done, in order
 * @param descriptors what the program sent back, owned by whoever holds the reply
 */
record Reply(int error, boolean farewell, List<Long> results, List<Fd> descriptors) {
  private static final int MAGIC = 0x31594245;
  private static final int HEADER_BYTES = 16;

  /** Reads a reply from a buffer, whose limit is its end. */
  static Reply parse(ByteBuffer message, List<Fd> descriptors) throws IOException {
    int done = message.limit() < HEADER_BYTES ? -1 : message.getInt(4);
    if (done < 0 || message.getInt(0) != MAGIC || message.limit() != HEADER_BYTES + 8L * done) {
      descriptors.forEach(Fd::close);
      throw new IOException("a malformed reply of " + message.limit() + " bytes");
    }
    var results = new Long[done];
    for (int i = 0; i < done; i++) {
      results[i] = message.getLong(HEADER_BYTES + 8 * i);
    }
    return new Reply(message.getInt(8), (message.getInt(12) & Encoding.EXIT_AFTERWARDS) != 0, List.of(results), descriptors);
  }

  /** This reply, if the program was done. */
  Reply orThrow(BirthProgram program) throws BirthException {
    var failure = failure(program);
    if (failure.isPresent()) {
      descriptors.forEach(Fd::close);
      throw failure.get();
    }
    return this;
  }

  /** What failed; empty if the program was done. */
  Optional<BirthException> failure(BirthProgram program) {
    if (error == 0) {
      return Optional.empty();
    }
    var operation = program.operations().get(results.size());
    return Optional.of(operation.name().equals(ExecException.CALL)
        ? new ExecException(operation, error)
        : new BirthException(operation, error));
  }
}
