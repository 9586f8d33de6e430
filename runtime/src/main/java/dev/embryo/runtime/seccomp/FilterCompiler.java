package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.Libseccomp.FilterContext;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.DecisionGraph.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Turns {@link FilterRules} into a {@link Filter}, with libseccomp where that can say what is meant.
 *
 * <p>Pure: it asks the kernel for nothing. Safe for use by several threads.
 */
public final class FilterCompiler {
  /** libseccomp's layout: a search tree over the call numbers. */
  private static final int BINARY_TREE = 2;

  private final Libseccomp libseccomp;
  private final SystemCallTable calls;

  private FilterCompiler(Libseccomp libseccomp, SystemCallTable calls) {
    this.libseccomp = libseccomp;
    this.calls = calls;
  }

  /** Compiles for this machine. */
  public static FilterCompiler of(Libseccomp libseccomp) {
    return of(libseccomp, libseccomp.nativeArchitecture());
  }

  /** Compiles for an architecture, which need not be this machine's. */
  public static FilterCompiler of(Libseccomp libseccomp, Architecture architecture) {
    return new FilterCompiler(libseccomp, libseccomp.systemCalls(architecture));
  }

  /**
   * Compiles a filter.
   *
   * <p>A call that the library does not know is left out: either the architecture has no such call,
   * or its number is above the highest known one, where {@code ENOSYS} is the answer.
   *
   * @throws LibseccompException if the library refuses a rule
   * @throws IllegalArgumentException if the filter is larger than the kernel allows
   */
  public Filter compile(FilterRules rules) throws LibseccompException {
    var graph = new DecisionGraph();
    return new Filter(graph.write(begin(graph, NumberTree.of(graph, answers(graph, rules)))));
  }

  /** How every filter begins; see {@link Prologue}, which says it for those written by hand. */
  private Step begin(DecisionGraph graph, Step numbers) {
    Step kill = graph.answer(Action.KILL_PROCESS);
    Step unknown = graph.answer(Action.ENOSYS);
    Step known = graph.test(Instruction.JGT, calls.highest(), unknown, numbers);
    Step own = calls.architecture().hasX32()
        ? graph.test(Instruction.JGE, Architecture.X32_BIT, graph.test(Instruction.JEQ, -1, unknown, kill), known)
        : known;
    return graph.load(SeccompData.ARCHITECTURE,
        graph.test(Instruction.JEQ, calls.architecture().token(), graph.load(SeccompData.NUMBER, own), kill));
  }

  /** The first step of what answers each call, by number. */
  private List<Step> answers(DecisionGraph graph, FilterRules rules) throws LibseccompException {
    var answers = new ArrayList<>(Collections.nCopies(calls.highest() + 1, graph.answer(rules.otherwise())));
    for (CallSwitch each : rules.switches()) {
      calls.number(each.call()).ifPresent(number -> answers.set(number, residual(graph, each.body(), number)));
    }
    var conditional = new ArrayList<Rule>();
    for (Rule rule : rules.rules()) {
      if (!rule.isUnconditional()) {
        conditional.add(rule);
      } else {
        calls.number(rule.call()).ifPresent(number -> answers.set(number, graph.answer(rule.action())));
      }
    }
    if (!conditional.isEmpty()) {
      var program = byLibrary(new FilterRules(rules.otherwise(), conditional)).instructions();
      conditional.stream().map(Rule::call).distinct().forEach(call ->
          calls.number(call).ifPresent(number -> answers.set(number, residual(graph, program, number))));
    }
    return answers;
  }

  private Step residual(DecisionGraph graph, List<Instruction> program, int number) {
    return Residual.of(graph, program, calls.architecture().token(), number);
  }

  /**
   * What libseccomp makes of the rules, before that is shortened; of the switches it says nothing, and of the numbers that it does
   * not know what it says of every other. This is what {@link #compile} is checked against.
   *
   * @throws LibseccompException if the library refuses a rule
   */
  public Filter byLibrary(FilterRules rules) throws LibseccompException {
    try (FilterContext context = libseccomp.newFilter(calls.architecture(), rules.otherwise().value())) {
      context.onForeignArchitecture(Action.KILL_PROCESS.value());
      context.optimize(BINARY_TREE);
      for (Rule rule : rules.rules()) {
        if (calls.number(rule.call()).isPresent()) {
          context.rule(rule.action().value(), rule.call(), rule.when());
        }
      }
      return Filter.parse(context.export());
    }
  }
}
