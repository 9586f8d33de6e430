package dev.embryo.runtime.seccomp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A search tree over call numbers, which answers every call that needs no look at its arguments, and finds the program for
 * each of the others that has one.
 *
 * <p>Neighbouring numbers with one answer are one leaf, and leaves with one answer share their instruction, so the tree is
 * a fraction of what a library makes that tests number by number. That matters at every launch: when the kernel takes a
 * filter it translates it, compiles it, and tries it on every number.
 */
final class NumberTree {
  private static final String BEHIND = "behind";
  private static final String END = "end";
  private static final int FARTHEST = 255; // a jump from the root to the last of the answers

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
   * @param bodies the programs for numbers whose arguments are looked at; those that are equal are written once
   * @param open the numbers that the program behind the tree answers
   * @param otherwise the answer of all others
   * @return empty if the tree would be too large for the jumps of BPF
   */
  static Optional<List<Instruction>> of(
      int highest, Map<Integer, Action> answers, Map<Integer, List<Instruction>> bodies, Set<Integer> open, Action otherwise) {
    var stretches = new ArrayList<Stretch>();
    var places = new LinkedHashMap<String, Action>();
    var names = new LinkedHashMap<List<Instruction>, String>();
    for (int number = 0; number <= highest; number++) {
      var answer = answers.getOrDefault(number, otherwise);
      var body = bodies.get(number);
      String place = open.contains(number) ? BEHIND
          : body != null ? names.computeIfAbsent(body, each -> "body " + names.size())
          : answer.toString();
      if (body == null && !place.equals(BEHIND)) {
        places.put(place, answer);
      }
      if (stretches.isEmpty() || !stretches.get(stretches.size() - 1).place().equals(place)) {
        stretches.add(new Stretch(number, place));
      }
    }
    int farthest = stretches.size() + places.size() + names.size();
    return stretches.size() < 2 || farthest > FARTHEST
        ? Optional.empty()
        : Optional.of(new NumberTree(stretches).write(places, names));
  }

  private List<Instruction> write(Map<String, Action> places, Map<List<Instruction>, String> bodies) {
    node(0, stretches.size());
    places.forEach((place, answer) -> program.place(place).answer(answer));
    if (bodies.isEmpty()) {
      return program.place(BEHIND).assemble();
    }
    bodies.values().forEach(name -> program.place(name).goTo(name + " itself")); // which leads as far as need be
    program.place(BEHIND).goTo(END);
    bodies.forEach((body, name) -> program.place(name + " itself").append(body));
    return program.place(END).assemble();
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
