package dev.embryo.launcher;

import java.nio.ByteBuffer;

/**
 * Takes back the carriage return that the program's terminal has put before each line feed, for a user's terminal that
 * will put one there itself. Keeps the carriage return at the end of one piece until it has seen the next.
 *
 * <p>Used by one thread.
 */
final class LineEnds {
  private boolean kept;

  /** Changes what lies between the buffer's position 0 and its limit; there has to be room for one more byte. */
  void takeBack(ByteBuffer bytes) {
    putBack(bytes);
    int length = bytes.limit();
    int to = 0;
    for (int from = 0; from < length; from++) {
      byte current = bytes.get(from);
      if (current == '\r' && from + 1 == length) {
        kept = true;
      } else if (current != '\r' || bytes.get(from + 1) != '\n') {
        bytes.put(to++, current);
      }
    }
    bytes.limit(to);
  }

  /** Puts what was kept before these bytes, as they are. */
  void putBack(ByteBuffer bytes) {
    if (kept) {
      int length = bytes.limit();
      bytes.limit(length + 1);
      for (int i = length; i > 0; i--) {
        bytes.put(i, bytes.get(i - 1));
      }
      bytes.put(0, (byte) '\r');
      kept = false;
    }
  }

  /** There is no next piece: what was kept, alone. */
  void finish(ByteBuffer bytes) {
    bytes.clear().limit(0);
    putBack(bytes);
  }
}
