package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;

/** What an argument of an operation is. */
public sealed interface Operand {
  /** A number that is known when the program is built, with the text that a person should see for it. */
  record Value(long value, String text) implements Operand {}

  /** A number that is supplied at each launch, under a name. */
  record Slot(String name) implements Operand {}

  /** The address of a stretch of the data segment. */
  record Data(int offset, int length, String text) implements Operand {}

  /** What an earlier operation returned. */
  record Result(int operation) implements Operand {}

  /** The 32-bit word that stands in the data segment when the operation is executed. */
  record Load(int offset) implements Operand {}

  /** A descriptor that is supplied at each launch, under a name. */
  record Received(int index, String name) implements Operand {}

  /** File permissions, which people read in octal. */
  static Operand mode(int permissions) {
    return new Value(permissions, '0' + Integer.toOctalString(permissions));
  }

  /** Numbers, named constants and operands alike, as a program's builder takes them. */
  static Operand of(Object argument) {
    if (argument instanceof Operand operand) {
      return operand;
    }
    if (argument instanceof Constant constant) {
      return new Value(constant.value(), constant.name());
    }
    if (argument instanceof Number number) {
      return new Value(number.longValue(), number.toString());
    }
    throw new IllegalArgumentException("not an operand: " + argument);
  }
}
