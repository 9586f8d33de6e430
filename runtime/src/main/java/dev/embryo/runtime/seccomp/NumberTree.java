package dev.embryo.runtime.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A search tree over call numbers, which answers every call that needs no look at its arguments.
 *
 * <p>Neighbouring numbers with one answer are one leaf, so the tree is a fraction of what a library makes that tests
 * number by number. That matters at every launch: when the kernel takes a filter it translates it, compiles it, and tries
 * it on every number.
 */
final class NumberTree {
  /** A stretch of numbers, up to the next one's first, and its answer; null is for the program behind the tree. */
  private record Stretch(int first, @org.jspecify.annotations.Nullable Action answer) {}

  private NumberTree() {}

  /**
   * Writes the tree. Expects the call number to be loaded.
   *
   * @param highest no number above this one arrives here
   * @param answers the answers of numbers that have their own
   * @param open the numbers that the program behind the tree answers
   * @param otherwise the answer of all others
   */
  static List<Instruction> of(int highest, Map<Integer, Action> answers, List<Integer> open, Action otherwise) {
    var stretches = new ArrayList<Stretch>();
    for (int number = 0; number <= highest; number++) {
      var answer = open.contains(number) ? null : answers.getOrDefault(number, otherwise);
      if (stretches.isEmpty() || !same(stretches.get(stretches.size() - 1).answer(), answer)) {
        stretches.add(new Stretch(number, answer));
      }
    }
    return resolve(tree(stretches));
  }

  private static boolean same(@org.jspecify.annotations.Nullable Action a, @org.jspecify.annotations.Nullable Action b) {
    return a == null || b == null ? a == b : a.value() == b.value();
  }

  /** Leaves of open numbers are jumps to the end, whose distance is still missing. */
  private static List<Instruction> tree(List<Stretch> stretches) {
    if (stretches.size() == 1) {
      var answer = stretches.get(0).answer();
      return List.of(answer == null
          ? Instruction.of(Instruction.JA, 0)
          : Instruction.of(Instruction.RET_K, answer.value()));
    }
    int middle = stretches.size() / 2;
    var below = tree(stretches.subList(0, middle));
    var above = tree(stretches.subList(middle, stretches.size()));
    var program = new ArrayList<Instruction>();
    int pivot = stretches.get(middle).first();
    if (below.size() <= 255) {
      program.add(new Instruction(Instruction.JGE, below.size(), 0, pivot));
    } else {
      program.add(new Instruction(Instruction.JGE, 0, 1, pivot));
      program.add(Instruction.of(Instruction.JA, below.size()));
    }
    program.addAll(below);
    program.addAll(above);
    return program;
  }

  private static List<Instruction> resolve(List<Instruction> tree) {
    var program = new ArrayList<Instruction>();
    for (Instruction each : tree) {
      boolean open = each.code() == Instruction.JA && each.k() == 0;
      program.add(open ? Instruction.of(Instruction.JA, tree.size() - program.size() - 1) : each);
    }
    return program;
  }
}
