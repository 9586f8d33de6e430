package dev.embryo.runtime.seccomp;

import java.util.List;

/**
 * How a filter answers one call by its arguments: the first branch whose comparisons all hold, else {@link #otherwise}.
 *
 * <p>It says what {@link Rule}s cannot: an order, a refusal beside an allowance, ranges. Immutable.
 *
 * @param call the name of the system call
 * @param branches in order
 * @param otherwise the answer where none holds
 */
public record CallSwitch(String call, List<Branch> branches, Action otherwise) {
  /**
   * One way.
   *
   * @param when what has to hold, all of it; nothing for any arguments
   * @param action the answer
   */
  public record Branch(List<Comparison> when, Action action) {
    /** Keeps a copy of the list. */
    public Branch {
      when = List.copyOf(when);
    }

    /** Whether the six-argument list {@code arguments} goes this way. */
    public boolean matches(List<Long> arguments) {
      return when.stream().allMatch(each -> each.matches(arguments));
    }
  }

  /** Keeps a copy of the list. */
  public CallSwitch {
    branches = List.copyOf(branches);
  }

  /** The answer to a call with these six arguments. */
  public Action answer(List<Long> arguments) {
    return branches.stream().filter(branch -> branch.matches(arguments)).findFirst().map(Branch::action)
        .orElse(otherwise);
  }

  /**
   * How many instructions it takes at most; sharing them makes that less. The most that a whole filter may have is {@link
   * Filter#MAX_INSTRUCTIONS}.
   */
  public int length() {
    return body().size();
  }

  /** The program for this call alone, whatever its number: the same for all calls that are answered alike. */
  List<Instruction> body() {
    var program = new Assembler();
    for (int i = 0; i < branches.size(); i++) {
      var branch = branches.get(i);
      String next = "branch " + (i + 1);
      for (int j = 0; j < branch.when().size(); j++) {
        String holds = "branch " + i + " test " + (j + 1);
        test(program, branch.when().get(j), holds, next);
        program.place(holds);
      }
      program.answer(branch.action()).place(next);
    }
    return program.answer(otherwise).assemble();
  }

  private static void test(Assembler program, Comparison comparison, String holds, String fails) {
    switch (comparison.operator()) {
      case EQUAL -> equal(program, comparison, holds, fails);
      case NOT_EQUAL -> equal(program, comparison, fails, holds);
      case ABOVE -> above(program, comparison, holds, fails);
      case AT_MOST -> above(program, comparison, fails, holds);
      case AT_LEAST -> atLeast(program, comparison, holds, fails);
      case BELOW -> atLeast(program, comparison, fails, holds);
    }
  }

  private static void equal(Assembler program, Comparison comparison, String yes, String no) {
    if (comparison.width() == Long.SIZE) {
      load(program, comparison, true).ifEqual(high(comparison.value()), Assembler.NEXT, no);
    }
    load(program, comparison, false).ifEqual((int) comparison.value(), yes, no);
  }

  private static void above(Assembler program, Comparison comparison, String yes, String no) {
    upperHalf(program, comparison, yes, no);
    load(program, comparison, false).ifAbove((int) comparison.value(), yes, no);
  }

  private static void atLeast(Assembler program, Comparison comparison, String yes, String no) {
    upperHalf(program, comparison, yes, no);
    load(program, comparison, false).ifAtLeast((int) comparison.value(), yes, no);
  }

  /** Goes on to the lower half only where the upper halves are equal. */
  private static void upperHalf(Assembler program, Comparison comparison, String yes, String no) {
    if (comparison.width() == Long.SIZE) {
      int value = high(comparison.value());
      load(program, comparison, true).ifAbove(value, yes, Assembler.NEXT).ifEqual(value, Assembler.NEXT, no);
    }
  }

  private static Assembler load(Assembler program, Comparison comparison, boolean upper) {
    int offset = SeccompData.ARGUMENTS + comparison.argument() * Long.BYTES + (upper ? Integer.BYTES : 0);
    int mask = upper ? high(comparison.mask()) : (int) comparison.mask();
    program.load(offset);
    return mask == -1 ? program : program.and(mask);
  }

  private static int high(long value) {
    return (int) (value >>> Integer.SIZE);
  }
}
