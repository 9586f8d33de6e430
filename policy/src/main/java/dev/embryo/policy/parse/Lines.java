package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import java.util.Arrays;

/**
 * Where the lines of a text begin. They end with a line feed, a carriage return, or both, also at the very end of the text,
 * where the YAML library does not see a carriage return for what it is. Immutable.
 */
final class Lines {
  private final String file;
  private int[] starts = new int[64]; // in code points; filled by the constructor, ascending
  private int count;

  Lines(String file, String text) {
    this.file = file;
    int index = 0;
    add(index);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean first = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
      index += first ? 0 : 1; // a pair is one code point
      if (c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1))) {
        add(index);
      }
    }
  }

  private void add(int start) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
    }
    starts[count++] = start;
  }

  /** The place of a code point. */
  Position at(int index) {
    int found = Arrays.binarySearch(starts, 0, count, index);
    int line = found >= 0 ? found : -found - 2;
    return new Position(file, line + 1, index - starts[line] + 1);
  }
}
