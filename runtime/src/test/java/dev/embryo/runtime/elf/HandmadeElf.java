package dev.embryo.runtime.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds small ELF files: header, PT_INTERP, one PT_LOAD over the whole file, PT_DYNAMIC; strings behind them.
 *
 * <p>The file is loaded at {@link #BASE}, so that a reader which mixes up offsets and addresses fails.
 */
final class HandmadeElf {
  static final long BASE = 0x10000;

  static final int PROGRAM_HEADERS = 64;
  /** Indices in the program header table. */
  static final int INTERP = 0;

  static final int LOAD = 1;
  static final int DYNAMIC = 2;

  private final List<long[]> dynamic = new ArrayList<>();
  private final Map<String, Integer> strings = new LinkedHashMap<>();
  private int stringsSize = 1;
  private String interpreter = "/lib64/ld-linux-x86-64.so.2";
  private int machine = 62;
  private int type = 3;

  HandmadeElf interpreter(String path) {
    interpreter = path;
    return this;
  }

  HandmadeElf machine(int number) {
    machine = number;
    return this;
  }

  HandmadeElf type(int number) {
    type = number;
    return this;
  }

  HandmadeElf string(long tag, String value) {
    Integer offset = strings.get(value);
    if (offset == null) {
      offset = stringsSize;
      strings.put(value, offset);
      stringsSize += value.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return entry(tag, offset);
  }

  HandmadeElf entry(long tag, long value) {
    dynamic.add(new long[] {tag, value});
    return this;
  }

  static int programHeader(int index) {
    return PROGRAM_HEADERS + index * 56;
  }

  static int dynamicOffset() {
    return 512;
  }

  byte[] bytes() {
    byte[] name = (interpreter + "\0").getBytes(StandardCharsets.UTF_8);
    int dynamicSize = (dynamic.size() + 3) * 16;
    int stringsAt = dynamicOffset() + dynamicSize;
    int size = stringsAt + stringsSize;
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    out.putShort((short) type).putShort((short) machine).putInt(1).putLong(BASE + 0x40).putLong(PROGRAM_HEADERS);
    out.position(52);
    out.putShort((short) 64).putShort((short) 56).putShort((short) 3);
    segment(out, INTERP, 3, 300, name.length);
    segment(out, LOAD, 1, 0, size);
    segment(out, DYNAMIC, 2, dynamicOffset(), dynamicSize);
    out.position(300).put(name);
    out.position(dynamicOffset());
    for (long[] entry : dynamic) {
      out.putLong(entry[0]).putLong(entry[1]);
    }
    out.putLong(5).putLong(BASE + stringsAt).putLong(10).putLong(stringsSize);
    out.position(stringsAt + 1);
    strings.keySet().forEach(text -> out.put((text + "\0").getBytes(StandardCharsets.UTF_8)));
    return out.array();
  }

  private static void segment(ByteBuffer out, int index, int type, long offset, long size) {
    out.position(programHeader(index));
    out.putInt(type).putInt(4).putLong(offset).putLong(BASE + offset).putLong(0).putLong(size).putLong(size);
  }
}
