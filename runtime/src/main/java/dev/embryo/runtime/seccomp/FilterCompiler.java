package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.Libseccomp.FilterContext;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns {@link FilterRules} into a {@link Filter}, with libseccomp.
 *
 * <p>Pure: it asks the kernel for nothing. Safe for use by several threads.
 */
public final class FilterCompiler {
  /** A chain of comparisons, libseccomp's default. */
  static final int CHAIN = 1;

  /** A binary tree over the call numbers: the kernel tries every number when it takes a filter. */
  static final int BINARY_TREE = 2;

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
   */
  public Filter compile(FilterRules rules) throws LibseccompException {
    return compile(rules, BINARY_TREE);
  }

  Filter compile(FilterRules rules, int layout) throws LibseccompException {
    Architecture architecture = calls.architecture();
    List<Instruction> program =
        new ArrayList<>(Prologue.answeringUnknown(architecture, calls.highest()));
    try (FilterContext context =
        libseccomp.newFilter(architecture, rules.otherwise().value())) {
      context.onForeignArchitecture(Action.KILL_PROCESS.value());
      context.optimize(layout);
      for (Rule rule : rules.rules()) {
        if (calls.number(rule.call()).isPresent()) {
          context.rule(rule.action().value(), rule.call(), rule.when());
        }
      }
      program.addAll(Filter.parse(context.export()).instructions());
    }
    return new Filter(program);
  }
}
