package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Support;
import dev.embryo.runtime.survey.Fact;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code embryo doctor}: what this host offers, found by trying. */
@Command(
    name = "doctor",
    description = "Try what a launch needs on this host, and say what to do about what it lacks.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = EmbryoCommand.EXIT_STATUS,
    exitCodeList = {
      "0:policies can be run here",
      "1:only policies that leave namespaces out: isolation: {require: [landlock, seccomp]}",
      "125:none"
    },
    footer = {
      "",
      "A line for each thing: whether it is there, what was found and, behind '->',",
      "what to do."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int WEAKER = 1;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private Format format = new Format();

  @Override
  public Integer call() throws Exception {
    var support = Sandbox.support();
    var out = spec.commandLine().getOut();
    int status = status(support.verdict());
    if (format.isJson()) {
      Json.print(out, Answer.support(status, support));
    } else {
      print(support.facts(), out);
      out.println(words(support.verdict()));
    }
    return status;
  }

  /** What is to be done about several things in a row is said once, behind the last. */
  private static void print(List<Fact> facts, PrintWriter out) {
    for (int i = 0; i < facts.size(); i++) {
      var fact = facts.get(i);
      out.printf("%-8s %-18s %s%n", fact.state().name().toLowerCase(Locale.ROOT), fact.name(), fact.detail());
      boolean again = i + 1 < facts.size() && facts.get(i + 1).remedy().equals(fact.remedy());
      if (!fact.remedy().isEmpty() && !again) {
        out.printf("%-27s -> %s%n", "", fact.remedy());
      }
    }
  }

  private static int status(Support.Verdict verdict) {
    return switch (verdict) {
      case FULL -> Status.OK;
      case WITHOUT_NAMESPACES -> WEAKER;
      case NONE -> Status.LAUNCHER;
    };
  }

  private static String words(Support.Verdict verdict) {
    return switch (verdict) {
      case FULL -> "Policies can be run here.";
      case WITHOUT_NAMESPACES -> "Only policies that leave namespaces out can be run here:"
          + " isolation: {require: [landlock, seccomp]}";
      case NONE -> "No policy can be run here.";
    };
  }
}
