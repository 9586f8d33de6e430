package dev.embryo.runtime.seccomp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A search tree over call numbers, which answers every call that needs no look at its arguments.
 *
 * <p>Neighbouring numbers with one answer are one leaf, and leaves with one answer share their instruction, so the tree is
 * a fraction of what a library makes that tests number by number. That matters at every launch: when the kernel takes a
 * filter it translates it, compiles it, and tries it on every number.
 */
final class NumberTree {
  private static final String BEHIND = "behind";
  private static final int MOST_STRETCHES = 200; // jumps to the answers span the tree, and at most 255 instructions

  /** A stretch of numbers, up to the next one's first, and the place of its answer. */
  private record Stretch(int first, String place) {}

  private final Assembler program = new Assembler();
  private final List<Stretch> stretches;

  private NumberTree(List<Stretch> stretches) {
    this.stretches = stretches;
  }

  /**
   * Writes the tree. It expects the call number to be loaded; where it does not answer, it goes on behind itself.
   *
   * @param highest no number above this one arrives here
   * @param answers the answers of numbers that have their own
   * @param open the numbers that the program behind the tree answers
   * @param otherwise the answer of all others
   * @return empty if the tree would be too large for the jumps of BPF
   */
  static Optional<List<Instruction>> of(
      int highest, Map<Integer, Action> answers, Set<Integer> open, Action otherwise) {
    var stretches = new ArrayList<Stretch>();
    var places = new LinkedHashMap<String, Action>();
    for (int number = 0; number <= highest; number++) {
      var answer = answers.getOrDefault(number, otherwise);
      String place = open.contains(number) ? BEHIND : answer.toString();
      if (!place.equals(BEHIND)) {
        places.put(place, answer);
      }
      if (stretches.isEmpty() || !stretches.get(stretches.size() - 1).place().equals(place)) {
        stretches.add(new Stretch(number, place));
      }
    }
    return stretches.size() < 2 || stretches.size() > MOST_STRETCHES
        ? Optional.empty()
        : Optional.of(new NumberTree(stretches).write(places));
  }

  private List<Instruction> write(Map<String, Action> places) {
    node(0, stretches.size());
    places.forEach((place, answer) -> program.place(place).answer(answer));
    return program.place(BEHIND).assemble();
  }

  private void node(int from, int to) {
    if (to - from > 1) {
      int middle = (from + to) / 2;
      program.place(place(from, to))
          .ifAtLeast(stretches.get(middle).first(), place(middle, to), place(from, middle));
      node(from, middle);
      node(middle, to);
    }
  }

  private String place(int from, int to) {
    return to - from == 1 ? stretches.get(from).place() : from + " to " + to;
  }
}
