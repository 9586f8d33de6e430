package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.seccomp.DecisionGraph.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a program for one system call: the program is run with the architecture and the number as they are, and what
 * depends on arguments remains (partial evaluation). By that the residual program answers the call as the whole one does.
 *
 * <p>What a library writes for any machine and in any place becomes shorter: it has no more tests of a number, of an upper half
 * under the mask 0, and no second load of the same word.
 *
 * <p>Not safe for use by several threads: each partial evaluation has its own.
 */
final class Residual {
  /** What the accumulator holds. */
  private record Accumulator(Content content, int value) {
    static final Accumulator OTHER = new Accumulator(Content.OTHER, 0);

    static Accumulator known(int value) {
      return new Accumulator(Content.KNOWN, value);
    }

    @Override
    public boolean equals(@Nullable Object other) { // see Instruction
      return other instanceof Accumulator that && content == that.content && value == that.value;
    }

    @Override
    public int hashCode() {
      return content.ordinal() * 31 + value;
    }
  }

  private enum Content {
    /** A constant. */
    KNOWN,
    /** The word at an offset of {@code struct seccomp_data}. */
    WORD,
    /** Anything. */
    OTHER
  }

  private record State(int at, Accumulator accumulator) {
    @Override
    public boolean equals(@Nullable Object other) { // see Instruction
      return other instanceof State that && at == that.at && accumulator.equals(that.accumulator);
    }

    @Override
    public int hashCode() {
      return at * 31 + accumulator.hashCode();
    }
  }

  /**
   * What becomes of an instruction.
   *
   * @param instruction what is left of it; empty if nothing is
   * @param next where it goes on: to one place, to two where it is a jump with a condition, to none where it is the end
   */
  private record Rest(Optional<Instruction> instruction, List<State> next) {}

  private final List<Instruction> program;
  private final int architecture;
  private final int number;

  private Residual(List<Instruction> program, int architecture, int number) {
    this.program = program;
    this.architecture = architecture;
    this.number = number;
  }

  /**
   * The first step, in {@code graph}.
   *
   * @param program a whole one, which no jump leaves
   */
  static Step of(DecisionGraph graph, List<Instruction> program, int architecture, int number) {
    return new Residual(program, architecture, number).of(graph);
  }

  /** All jumps lead forward: so what is reached is found from the beginning on, and the steps are made from the end on. */
  private Step of(DecisionGraph graph) {
    var first = new State(0, Accumulator.known(0));
    var reached = new ArrayList<Map<State, Rest>>();
    program.forEach(each -> reached.add(new LinkedHashMap<>()));
    reach(reached, first);
    for (int at = 0; at < reached.size(); at++) {
      reached.get(at).values().forEach(rest -> rest.next().forEach(state -> reach(reached, state)));
    }
    var steps = new HashMap<State, Step>();
    for (int at = reached.size() - 1; at >= 0; at--) {
      reached.get(at).forEach((state, rest) ->
          steps.put(state, step(graph, state, rest, rest.next().stream().map(steps::get).toList())));
    }
    return Objects.requireNonNull(steps.get(first));
  }

  private void reach(List<Map<State, Rest>> reached, State state) {
    reached.get(state.at()).computeIfAbsent(state, this::rest);
  }

  private static Step step(DecisionGraph graph, State state, Rest rest, List<Step> next) {
    if (rest.instruction().isEmpty()) {
      return next.get(0);
    }
    var instruction = rest.instruction().get();
    var step = switch (next.size()) {
      case 0 -> graph.end(instruction);
      case 1 -> graph.straight(instruction, next.get(0));
      default -> graph.test(instruction.code(), instruction.k(), next.get(0), next.get(1));
    };
    // A constant was not loaded so far; where a step wants it after all, it is.
    return state.accumulator().content() == Content.KNOWN
        ? graph.straight(Instruction.of(Instruction.LD_IMM, state.accumulator().value()), step)
        : step;
  }

  private Rest rest(State state) {
    var instruction = program.get(state.at());
    int next = state.at() + 1;
    if (instruction.isReturn()) {
      return new Rest(Optional.of(instruction), List.of());
    }
    if (instruction.code() == Instruction.JA) {
      return nothing(next + instruction.k(), state.accumulator());
    }
    if (instruction.isConditionalJump()) {
      return branch(instruction, next, state.accumulator());
    }
    return switch (instruction.code()) {
      case Instruction.LD_WORD -> load(instruction, next, state.accumulator());
      case Instruction.AND -> and(instruction, next, state.accumulator());
      default -> itself(instruction, next, Accumulator.OTHER);
    };
  }

  private static Rest nothing(int next, Accumulator accumulator) {
    return new Rest(Optional.empty(), List.of(new State(next, accumulator)));
  }

  private static Rest itself(Instruction instruction, int next, Accumulator accumulator) {
    return new Rest(Optional.of(instruction), List.of(new State(next, accumulator)));
  }

  private static Rest branch(Instruction jump, int next, Accumulator accumulator) {
    if (accumulator.content() == Content.KNOWN && !jump.readsX()) {
      return nothing(next + (Simulator.holds(jump, accumulator.value(), jump.k()) ? jump.ifTrue() : jump.ifFalse()), accumulator);
    }
    return new Rest(Optional.of(jump),
        List.of(new State(next + jump.ifTrue(), accumulator), new State(next + jump.ifFalse(), accumulator)));
  }

  private Rest load(Instruction load, int next, Accumulator accumulator) {
    var word = new Accumulator(Content.WORD, load.k());
    return switch (load.k()) {
      case SeccompData.ARCHITECTURE -> nothing(next, Accumulator.known(architecture));
      case SeccompData.NUMBER -> nothing(next, Accumulator.known(number));
      default -> accumulator.equals(word) ? nothing(next, word) : itself(load, next, word);
    };
  }

  private Rest and(Instruction and, int next, Accumulator accumulator) {
    if (and.k() == 0 || accumulator.content() == Content.KNOWN) {
      return nothing(next, Accumulator.known(accumulator.value() & and.k()));
    }
    var test = program.get(next);
    int yes = next + 1 + test.ifTrue();
    int no = next + 1 + test.ifFalse();
    if (test.code() == Instruction.JEQ && test.k() == 0 && forgets(yes) && forgets(no)) {
      return new Rest(Optional.of(Instruction.of(Instruction.JSET, and.k())),
          List.of(new State(no, accumulator), new State(yes, accumulator)));
    }
    return itself(and, next, Accumulator.OTHER);
  }

  /** Whether what stands there does not look at what the accumulator holds. */
  private boolean forgets(int at) {
    return program.get(at).isLoad() || program.get(at).code() == Instruction.RET_K;
  }
}
