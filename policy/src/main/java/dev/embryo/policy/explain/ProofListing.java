package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.ProgramFilters;
import dev.embryo.policy.compile.WayOut;
import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.rights.RightsRow;
import dev.embryo.policy.rights.RightsTable;
import dev.embryo.policy.rights.Use;
import dev.embryo.policy.rights.Withheld;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.util.ArrayList;
import java.util.List;

/**
 * Why each restricted descriptor stays at the number where its rights are withheld, as text: every way out, and what closes
 * it. The calls that make another number of one are tried on the very filters that are installed. Stateless.
 */
public final class ProofListing {
  private static final long HIGH = 1L << Integer.SIZE; // which the kernel does not look at

  private ProofListing() {}

  /** The text; lines end with newlines. */
  public static String of(CompiledPolicy compiled) {
    var withholding = compiled.withholding();
    if (withholding.restricted().isEmpty()) {
      return "no descriptor has exact rights: nothing is withheld by number\n";
    }
    var text = new StringBuilder();
    for (Withheld each : withholding.restricted()) {
      text.append(text.isEmpty() ? "" : "\n").append("descriptor ").append(each.number()).append(", '").append(each.capability())
          .append("', has ").append(each.rights()).append(" and nothing else\n");
      for (WayOut way : withholding.ways()) {
        text.append("  ").append(way.way()).append("\n      ").append(way.closedBy()).append('\n');
      }
      var open = aliases(compiled.filters(), each.number());
      text.append(open.isEmpty()
          ? "  tried on the filters: no call makes another number of it\n"
          : "  OPEN: " + String.join(", ", open) + "\n");
    }
    return text.toString();
  }

  /** The calls that the filters let make an alias of a number; there is none where all is as it should be. */
  static List<String> aliases(ProgramFilters filters, int number) {
    var open = new ArrayList<String>();
    for (RightsRow row : RightsTable.rows()) {
      for (Use use : row.uses()) {
        if (use.anyOf().contains(Right.DUPLICATE) && SystemCalls.find(row.call()).isPresent()
            && (takes(filters, row.call(), use.argument(), number) || takes(filters, row.call(), use.argument(), HIGH | number))) {
          open.add(row.call());
        }
      }
    }
    for (FcntlCommand command : List.of(FcntlCommand.F_DUPFD, FcntlCommand.F_DUPFD_CLOEXEC)) {
      if (permits(filters, "fcntl", number, command.number()) || permits(filters, "fcntl", HIGH | number, HIGH | command.number())) {
        open.add("fcntl(" + command + ")");
      }
    }
    return open;
  }

  private static boolean takes(ProgramFilters filters, String call, int argument, long number) {
    var arguments = new long[argument + 1];
    arguments[argument] = number;
    return permits(filters, call, arguments);
  }

  private static boolean permits(ProgramFilters filters, String call, long... arguments) {
    var asked = SeccompData.of(SystemCalls.table().architecture(), SystemCalls.number(call), arguments);
    return filters.permit(asked);
  }
}
