package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.Libseccomp.FilterContext;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Turns {@link FilterRules} into a {@link Filter}, with libseccomp where that can say what is meant.
 *
 * <p>Pure: it asks the kernel for nothing. Safe for use by several threads.
 */
public final class FilterCompiler {
  /** A chain of comparisons, libseccomp's default. */
  static final int CHAIN = 1;

  /** A binary tree over the call numbers: the kernel tries every number when it takes a filter. */
  static final int BINARY_TREE = 2;

  /** A {@link NumberTree} for what needs no look at arguments, and the library's binary tree for the rest. */
  static final int NUMBERS_FIRST = 3;

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
    return compile(rules, NUMBERS_FIRST);
  }

  Filter compile(FilterRules rules, int layout) throws LibseccompException {
    var known = rules.rules().stream().filter(rule -> calls.number(rule.call()).isPresent()).toList();
    var program = new ArrayList<>(Prologue.answeringUnknown(calls.architecture(), calls.highest()));
    var switches = rules.switches().stream().filter(each -> calls.number(each.call()).isPresent()).toList();
    var tree = layout == NUMBERS_FIRST
        ? numberTree(known, switches, rules.otherwise())
        : Optional.<List<Instruction>>empty();
    tree.ifPresentOrElse(program::addAll,
        () -> switches.forEach(each -> program.addAll(each.write(calls.number(each.call()).getAsInt()))));
    var left = tree.isPresent() ? known.stream().filter(rule -> !rule.isUnconditional()).toList() : known;
    program.addAll(byLibrary(left, rules.otherwise(), layout));
    return new Filter(program);
  }

  private Optional<List<Instruction>> numberTree(List<Rule> rules, List<CallSwitch> switches, Action otherwise) {
    var answers = new HashMap<Integer, Action>();
    var open = new HashSet<Integer>();
    var bodies = new HashMap<Integer, List<Instruction>>();
    switches.forEach(each -> bodies.put(calls.number(each.call()).getAsInt(), each.body()));
    for (Rule rule : rules) {
      int number = calls.number(rule.call()).getAsInt();
      if (rule.isUnconditional()) {
        answers.put(number, rule.action());
      } else {
        open.add(number);
      }
    }
    return NumberTree.of(calls.highest(), answers, bodies, open, otherwise);
  }

  private List<Instruction> byLibrary(List<Rule> rules, Action otherwise, int layout) throws LibseccompException {
    try (FilterContext context = libseccomp.newFilter(calls.architecture(), otherwise.value())) {
      context.onForeignArchitecture(Action.KILL_PROCESS.value());
      context.optimize(layout == CHAIN ? CHAIN : BINARY_TREE);
      for (Rule rule : rules) {
        context.rule(rule.action().value(), rule.call(), rule.when());
      }
      return Filter.parse(context.export()).instructions();
    }
  }
}
