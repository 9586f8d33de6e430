package dev.embryo.runtime.birth;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A birth program as the bytes of a message, made once, and the places that a launch fills in.
 *
 * <p>A program that is too large for one message keeps its data apart; the sender then puts them into a sealed memory
 * file that goes ahead of the other descriptors.
 */
public final class Encoding {
  /** The most bytes of one message; SOCK_SEQPACKET takes 212,960 by default. */
  public static final int MAX_MESSAGE = 192 * 1024;

  /** The flag of a message after which the process ends. */
  public static final int EXIT_AFTERWARDS = 1;

  static final int SURVIVE_FAILURE = 2;
  private static final int DATA_IN_MEMORY = 4;

  private static final int MAGIC = 0x31594245;
  private static final int HEADER_BYTES = 24;
  private static final int OPERATION_BYTES = 64;
  private static final int MAX_DATA = 64 << 20;

  private enum Kind { VALUE, ADDRESS, RESULT, LOAD, RECEIVED }

  private final byte[] message;
  private final byte[] dataApart;
  private final int[] slotPositions;
  private final int[] slotIndexes;

  private Encoding(byte[] message, byte[] dataApart, int[] slotPositions, int[] slotIndexes) {
    this.message = message;
    this.dataApart = dataApart;
    this.slotPositions = slotPositions;
    this.slotIndexes = slotIndexes;
  }

  static Encoding of(BirthProgram program, int flags) {
    int fixed = HEADER_BYTES + OPERATION_BYTES * program.operations().size()
        + (4 * program.relocations().length + 7 & ~7);
    byte[] data = program.sharedData();
    if (fixed > MAX_MESSAGE || data.length > MAX_DATA) {
      throw new IllegalStateException("the birth program is too large: " + program.operations().size()
          + " operations, " + data.length + " bytes of data");
    }
    boolean apart = fixed + data.length > MAX_MESSAGE;
    return new Writer(program, apart).write(fixed, flags, data);
  }

  /** The message's size in bytes. */
  public int size() {
    return message.length;
  }

  /** True if the sender has to put {@link #dataApart()} into a memory file and send it first. */
  public boolean hasDataApart() {
    return dataApart.length > 0;
  }

  /** The data of a program that does not fit into one message, else empty. */
  public byte[] dataApart() {
    return dataApart.clone();
  }

  /**
   * Writes the message, with the launch's numbers in it, at the buffer's position.
   *
   * @param values one for each of {@link BirthProgram#slots()}, in that order
   */
  public void writeTo(ByteBuffer target, long... values) {
    int start = target.position();
    target.put(message);
    for (int i = 0; i < slotPositions.length; i++) {
      target.putLong(start + slotPositions[i], values[slotIndexes[i]]);
    }
  }

  /** Writes one message; a descriptor's index moves by one when the data's own descriptor goes first. */
  private static final class Writer {
    private final BirthProgram program;
    private final boolean apart;
    private final int[] slotPositions;
    private final int[] slotIndexes;
    private int slotCount;

    Writer(BirthProgram program, boolean apart) {
      this.program = program;
      this.apart = apart;
      int operands = Operation.MAX_OPERANDS * program.operations().size();
      slotPositions = new int[operands];
      slotIndexes = new int[operands];
    }

    Encoding write(int fixed, int flags, byte[] data) {
      var out = ByteBuffer.allocate(fixed + (apart ? 0 : data.length)).order(ByteOrder.nativeOrder());
      out.putInt(MAGIC).putInt(flags | (apart ? DATA_IN_MEMORY : 0)).putInt(program.operations().size())
          .putInt(program.relocations().length).putInt(data.length).putInt(0);
      program.operations().forEach(operation -> write(operation, out));
      for (int relocation : program.relocations()) {
        out.putInt(relocation);
      }
      if (!apart) {
        out.position(fixed).put(data);
      }
      return new Encoding(out.array(), apart ? data : new byte[0],
          Arrays.copyOf(slotPositions, slotCount), Arrays.copyOf(slotIndexes, slotCount));
    }

    private void write(Operation operation, ByteBuffer out) {
      int start = out.position();
      int kinds = 0;
      for (int i = 0; i < operation.operands().size(); i++) {
        Operand operand = operation.operands().get(i);
        int at = start + 8 + 8 * i;
        if (operand instanceof Operand.Slot slot) {
          slotPositions[slotCount] = at;
          slotIndexes[slotCount++] = program.slots().indexOf(slot.name());
        }
        out.putLong(at, number(operand));
        kinds |= kind(operand).ordinal() << (4 * i);
      }
      out.putInt(start, operation.number()).putInt(start + 4, kinds)
          .putInt(start + 56, operation.tolerated()).putInt(start + 60, operation.storedAt() + 1)
          .position(start + OPERATION_BYTES);
    }

    private long number(Operand operand) {
      if (operand instanceof Operand.Value value) {
        return value.value();
      } else if (operand instanceof Operand.Data data) {
        return data.offset();
      } else if (operand instanceof Operand.Result result) {
        return result.operation();
      } else if (operand instanceof Operand.Load load) {
        return load.offset();
      } else if (operand instanceof Operand.Received received) {
        return received.index() + (apart ? 1 : 0);
      }
      return 0;
    }

    private static Kind kind(Operand operand) {
      if (operand instanceof Operand.Data) {
        return Kind.ADDRESS;
      } else if (operand instanceof Operand.Result) {
        return Kind.RESULT;
      } else if (operand instanceof Operand.Load) {
        return Kind.LOAD;
      } else if (operand instanceof Operand.Received) {
        return Kind.RECEIVED;
      }
      return Kind.VALUE;
    }
  }
}
