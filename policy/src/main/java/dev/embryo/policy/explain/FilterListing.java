package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.ProgramFilters.Named;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.Disassembler;
import dev.embryo.runtime.seccomp.Filter;

/** The seccomp filters of a program as text, instruction by instruction: the very bytes that a birth installs. Stateless. */
public final class FilterListing {
  private FilterListing() {}

  /** The text, in the order of installation; lines end with newlines. */
  public static String of(CompiledPolicy compiled) {
    var text = new StringBuilder();
    var filters = compiled.filters();
    if (filters.supervised().isPresent()) {
      filters.ownSignals().ifPresent(filter -> add(text, new Named("own signals", filter)));
      add(text, new Named("supervised, in the place of all others", filters.supervised().get()));
    } else {
      filters.named().forEach(each -> add(text, each));
    }
    return text.toString();
  }

  private static void add(StringBuilder text, Named each) {
    Filter filter = each.filter();
    text.append(text.isEmpty() ? "" : "\n").append(each.name()).append(": ").append(filter.length()).append(" instructions\n")
        .append(Disassembler.disassemble(filter, SystemCalls.table()));
  }
}
