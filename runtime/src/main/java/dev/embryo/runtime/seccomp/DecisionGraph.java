package dev.embryo.runtime.seccomp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A BPF program while it is made: a graph of steps in which those that do the same are one step, so that all calls share their
 * tails.
 *
 * <p>Not safe for use by several threads.
 */
final class DecisionGraph {
  private static final int FARTHEST = 255; // of a jump with a condition
  private static final int WORTH_A_RANGE = 3; // two comparisons tell a range, one a value

  /** A step; two of one graph that do the same are the same object. */
  abstract static sealed class Step {}

  private static final class End extends Step {
    private final Instruction instruction;

    private End(Instruction instruction) {
      this.instruction = instruction;
    }
  }

  private static final class Straight extends Step {
    private final Instruction instruction;
    private final Step next;

    private Straight(Instruction instruction, Step next) {
      this.instruction = instruction;
      this.next = next;
    }
  }

  private static final class Test extends Step {
    private final int code;
    private final int k;
    private final Step yes;
    private final Step no;

    private Test(int code, int k, Step yes, Step no) {
      this.code = code;
      this.k = k;
      this.yes = yes;
      this.no = no;
    }
  }

  /** Whether the accumulator is one of several values. */
  private static final class Among extends Step {
    private final SortedSet<Integer> values; // by their unsigned order
    private final Step yes;
    private final Step no;

    private Among(SortedSet<Integer> values, Step yes, Step no) {
      this.values = values;
      this.yes = yes;
      this.no = no;
    }
  }

  private final Map<List<Object>, Step> steps = new HashMap<>();

  /** An answer. */
  Step answer(Action action) {
    return end(Instruction.of(Instruction.RET_K, action.value()));
  }

  /** The end of a program. */
  Step end(Instruction instruction) {
    return known(List.of(instruction), () -> new End(instruction));
  }

  /** What does not branch, and leads to {@code next}; left out where it loads what nobody reads. */
  Step straight(Instruction instruction, Step next) {
    return instruction.isLoad() && !reads(next)
        ? next
        : known(List.of(instruction, next), () -> new Straight(instruction, next));
  }

  /** Loads a word of {@code struct seccomp_data}. */
  Step load(int offset, Step next) {
    return straight(Instruction.of(Instruction.LD_WORD, offset), next);
  }

  /**
   * A branch by the accumulator.
   *
   * @param code of a jump with a condition
   */
  Step test(int code, int k, Step yes, Step no) {
    if (yes == no) {
      return yes;
    }
    if (code != Instruction.JEQ) {
      return known(List.of(code, k, yes, no), () -> new Test(code, k, yes, no));
    }
    var values = new TreeSet<Integer>(Integer::compareUnsigned);
    values.add(k);
    if (no instanceof Among more && more.yes == yes) {
      values.addAll(more.values);
      return among(values, yes, more.no);
    }
    return among(values, yes, no);
  }

  private Step among(SortedSet<Integer> values, Step yes, Step no) {
    return known(List.of(values, yes, no), () -> new Among(values, yes, no));
  }

  private Step known(List<Object> key, Supplier<Step> step) {
    var known = steps.get(key);
    if (known == null) {
      known = step.get();
      steps.put(key, known);
    }
    return known;
  }

  private static boolean reads(Step step) {
    return step instanceof End end ? end.instruction.code() != Instruction.RET_K
        : !(step instanceof Straight straight) || !straight.instruction.isLoad();
  }

  /** Tells values apart one by one, and three or more neighbours by their bounds. */
  private Step spelledOut(Among among) {
    Step step = among.no;
    var left = new ArrayList<>(among.values);
    while (!left.isEmpty()) {
      int last = left.remove(left.size() - 1);
      int first = last;
      while (!left.isEmpty() && left.get(left.size() - 1) == first - 1) {
        first = left.remove(left.size() - 1);
      }
      if (last - first + 1 >= WORTH_A_RANGE) {
        Step below = test(Instruction.JGT, last, step, among.yes);
        step = first == 0 ? below : test(Instruction.JGE, first, below, step);
      } else {
        for (int down = 0; down <= last - first; down++) { // no comparison of values, which have no sign
          Step otherwise = step;
          int one = last - down;
          step = known(List.of(Instruction.JEQ, one, among.yes, otherwise),
              () -> new Test(Instruction.JEQ, one, among.yes, otherwise));
        }
      }
    }
    return step;
  }

  /** The program that begins with a step. */
  List<Instruction> write(Step first) {
    return new Writer().write(first);
  }

  /**
   * Writes from the end to the beginning, so that the place of what follows is known. What is too far for a jump is repeated if it
   * is an end, else a jump without condition is put in between.
   */
  private final class Writer {
    private final List<Instruction> backwards = new ArrayList<>();
    private final Map<Step, Integer> places = new HashMap<>();
    private final Map<Among, Step> spelledOut = new HashMap<>();

    List<Instruction> write(Step first) {
      var open = new ArrayDeque<>(List.of(first)); // not by recursion: a program may have thousands of steps in a row
      while (!open.isEmpty()) {
        var left = next(open.element()).stream().filter(each -> !places.containsKey(each)).findFirst();
        left.ifPresentOrElse(open::push, () -> place(open.pop()));
      }
      follow(first);
      Collections.reverse(backwards);
      return backwards;
    }

    private List<Step> next(Step step) {
      return step instanceof Straight straight ? List.of(straight.next)
          : step instanceof Test test ? List.of(test.yes, test.no)
          : step instanceof Among among ? List.of(spelledOut.computeIfAbsent(among, DecisionGraph.this::spelledOut))
          : List.of();
    }

    /** Writes a step, all of whose next ones have been. */
    private void place(Step step) {
      if (step instanceof End end) {
        backwards.add(end.instruction);
      } else if (step instanceof Straight straight) {
        follow(straight.next);
        backwards.add(straight.instruction);
      } else if (step instanceof Test test) {
        while (distance(test.yes) > FARTHEST || distance(test.no) > FARTHEST) {
          repeat(distance(test.yes) > FARTHEST ? test.yes : test.no);
        }
        backwards.add(new Instruction(test.code, distance(test.yes), distance(test.no), test.k));
      } else {
        places.put(step, at(next(step).get(0)));
        return;
      }
      places.put(step, backwards.size() - 1);
    }

    /** Sees to it that a step is what comes next. */
    private void follow(Step step) {
      if (distance(step) != 0) {
        repeat(step);
      }
    }

    private void repeat(Step step) {
      backwards.add(step instanceof End end ? end.instruction : Instruction.of(Instruction.JA, distance(step)));
      places.put(step, backwards.size() - 1);
    }

    /** How many instructions lie between what is written next and a step. */
    private int distance(Step step) {
      return backwards.size() - 1 - at(step);
    }

    private int at(Step step) {
      return Objects.requireNonNull(places.get(step));
    }
  }
}
