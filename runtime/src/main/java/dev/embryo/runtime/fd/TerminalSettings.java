package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The settings of a terminal, the kernel's struct termios; see termios(3). Immutable. */
public final class TerminalSettings {
  static final int BYTES = 60; // the kernel's has 36, the C library's 60

  private static final int INPUT = 0; // where each set of flags stands
  private static final int OUTPUT = 4;
  private static final int LOCAL = 12;
  private static final int CHARACTERS = 17;
  private static final int VTIME = 5;
  private static final int VMIN = 6;

  // IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON
  private static final int COOKED_INPUT = 1 | 2 | 8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
  private static final int OPOST = 1;
  private static final int ONLCR = 4;
  // ISIG, ICANON, ECHO, ECHONL, IEXTEN
  private static final int COOKED_LOCAL = 1 | 2 | 8 | 0x40 | 0x8000;
  private static final int TOSTOP = 0x100;

  private final byte[] bytes;

  private TerminalSettings(byte[] bytes) {
    this.bytes = bytes;
  }

  static TerminalSettings of(ByteBuffer memory) {
    var bytes = new byte[BYTES];
    memory.get(0, bytes);
    return new TerminalSettings(bytes);
  }

  ByteBuffer toMemory() {
    return Libc.allocate(BYTES).put(0, bytes);
  }

  /** Every byte passes as it is, and none means anything; as cfmakeraw(3), and it keeps the character size. */
  public TerminalSettings raw() {
    var changed = rawInput().toMemory();
    clear(changed, OUTPUT, OPOST);
    return of(changed);
  }

  /** What is typed passes as it is; what is written is treated as before. */
  public TerminalSettings rawInput() {
    var changed = toMemory();
    clear(changed, INPUT, COOKED_INPUT);
    clear(changed, LOCAL, COOKED_LOCAL);
    changed.put(CHARACTERS + VMIN, (byte) 1).put(CHARACTERS + VTIME, (byte) 0);
    return of(changed);
  }

  /** Background processes may write to it. */
  public TerminalSettings withoutStopAtOutput() {
    var changed = toMemory();
    clear(changed, LOCAL, TOSTOP);
    return of(changed);
  }

  /** Whether a carriage return is put before each line feed that is written. */
  public boolean addsCarriageReturns() {
    return (toMemory().getInt(OUTPUT) & (OPOST | ONLCR)) == (OPOST | ONLCR);
  }

  private static void clear(ByteBuffer memory, int at, int flags) {
    memory.putInt(at, memory.getInt(at) & ~flags);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TerminalSettings that && Arrays.equals(that.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
