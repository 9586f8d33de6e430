package dev.embryo.runtime.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes small BPF programs with named places to jump to.
 *
 * <p>A place is named before or after the jumps to it; jumps lead forward, and those with a condition
 * by at most 255 instructions.
 *
 * <p>Not safe for use by several threads.
 */
final class Assembler {
  /** The next instruction, where no other place is wanted. */
  static final String NEXT = "";

  private final List<Draft> drafts = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  private record Draft(int code, String ifTrue, String ifFalse, int k) {}

  /** Loads the word at an offset of {@code struct seccomp_data}. */
  Assembler load(int offset) {
    return add(new Draft(Instruction.LD_WORD, NEXT, NEXT, offset));
  }

  /** Goes to {@code ifTrue} if the loaded word equals {@code k}. */
  Assembler ifEqual(int k, String ifTrue) {
    return ifEqual(k, ifTrue, NEXT);
  }

  /** Goes to {@code ifTrue} if the loaded word equals {@code k}, else to {@code ifFalse}. */
  Assembler ifEqual(int k, String ifTrue, String ifFalse) {
    return add(new Draft(Instruction.JEQ, ifTrue, ifFalse, k));
  }

  /** Goes to {@code ifTrue} if the loaded word is at least {@code k}, unsigned. */
  Assembler ifAtLeast(int k, String ifTrue) {
    return ifAtLeast(k, ifTrue, NEXT);
  }

  /** Goes to {@code ifTrue} if the loaded word is at least {@code k}, unsigned, else to {@code ifFalse}. */
  Assembler ifAtLeast(int k, String ifTrue, String ifFalse) {
    return add(new Draft(Instruction.JGE, ifTrue, ifFalse, k));
  }

  /** Goes to {@code ifTrue} if the loaded word is above {@code k}, unsigned, else to {@code ifFalse}. */
  Assembler ifAbove(int k, String ifTrue, String ifFalse) {
    return add(new Draft(Instruction.JGT, ifTrue, ifFalse, k));
  }

  /** Keeps the bits {@code mask} of the loaded word. */
  Assembler and(int mask) {
    return add(new Draft(Instruction.AND, NEXT, NEXT, mask));
  }

  /** Answers the call. */
  Assembler answer(Action action) {
    return add(new Draft(Instruction.RET_K, NEXT, NEXT, action.value()));
  }

  /** Names the place of the next instruction. */
  Assembler place(String name) {
    places.put(name, drafts.size());
    return this;
  }

  /** The program; a place at its very end is the first instruction of what will follow. */
  List<Instruction> assemble() {
    List<Instruction> program = new ArrayList<>();
    for (Draft draft : drafts) {
      int after = program.size() + 1;
      program.add(
          new Instruction(
              draft.code,
              distance(after, draft.ifTrue),
              distance(after, draft.ifFalse),
              draft.k));
    }
    return program;
  }

  private int distance(int from, String place) {
    if (place.equals(NEXT)) {
      return 0;
    }
    return Objects.requireNonNull(places.get(place), place) - from;
  }

  private Assembler add(Draft draft) {
    drafts.add(draft);
    return this;
  }
}
