package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a filter sees of a system call, a {@code struct seccomp_data}.
 *
 * @param number the call number
 * @param architecture the {@code AUDIT_ARCH_*} token of the entry by which it was made
 * @param instructionPointer the address of the instruction that made it
 * @param arguments the six registers in which arguments are passed
 */
public record SeccompData(
    int number, int architecture, long instructionPointer, List<Long> arguments) {
  /** {@code offsetof(struct seccomp_data, nr)}. */
  static final int NUMBER = 0;

  /** {@code offsetof(struct seccomp_data, arch)}. */
  static final int ARCHITECTURE = 4;

  /** {@code offsetof(struct seccomp_data, instruction_pointer)}. */
  static final int INSTRUCTION_POINTER = 8;

  /** {@code offsetof(struct seccomp_data, args)}. */
  static final int ARGUMENTS = 16;

  /** {@code sizeof(struct seccomp_data)}. */
  static final int SIZE = 64;

  private static final int ARGUMENT_COUNT = 6;

  /** Takes up to six arguments; the missing ones are 0. */
  public SeccompData {
    if (arguments.size() > ARGUMENT_COUNT) {
      throw new IllegalArgumentException(arguments.size() + " arguments are more than six");
    }
    List<Long> six = new ArrayList<>(arguments);
    six.addAll(Collections.nCopies(ARGUMENT_COUNT - arguments.size(), 0L));
    arguments = List.copyOf(six);
  }

  /** A call by its architecture's own entry, with up to six arguments. */
  public static SeccompData of(Architecture architecture, int number, long... arguments) {
    return new SeccompData(
        number, architecture.token(), 0, Arrays.stream(arguments).boxed().toList());
  }

  /** The 32-bit word at a byte offset that is a multiple of 4, as BPF loads it. */
  int word(int offset) {
    return switch (offset) {
      case NUMBER -> number;
      case ARCHITECTURE -> architecture;
      default -> {
        int pair = (offset - INSTRUCTION_POINTER) / Long.BYTES;
        long both = pair == 0 ? instructionPointer : arguments.get(pair - 1);
        yield (int) (offset % Long.BYTES == 0 ? both : both >>> Integer.SIZE);
      }
    };
  }
}
