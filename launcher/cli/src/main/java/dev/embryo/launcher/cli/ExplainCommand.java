package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.explain.BirthListing;
import dev.embryo.policy.explain.Explanation;
import dev.embryo.policy.explain.FilterListing;
import dev.embryo.policy.explain.ProofListing;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code embryo explain}: what a policy comes to, read from what would be enforced. */
@Command(
    name = "explain",
    description = "Tell all that the program of a policy will hold and may do, and which layer enforces it.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = EmbryoCommand.EXIT_STATUS,
    exitCodeList = {
      "0:it was explained",
      "125:the policy cannot be run here",
      "126:its program cannot be executed",
      "127:its program was not found"
    },
    footer = {
      "",
      "It is read from the compiled policy, the same that 'embryo run' executes.",
      "Nothing is run. On a terminal it tells of a program that gets one; in a",
      "script, of one that gets none."
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private PolicyWithArguments policy = new PolicyWithArguments();

  @Mixin
  private Format format = new Format();

  @Option(
      names = "--birth",
      description = "List instead the system calls of the program's birth, process by process, as strace would.")
  private boolean birth;

  @Option(
      names = "--bpf",
      description = "List instead the seccomp filters, instruction by instruction, in the order of their installation.")
  private boolean bpf;

  @Option(
      names = "--expand",
      description = "Print instead the policy with its profile merged in and every default in its place.")
  private boolean expand;

  @Option(
      names = "--proof",
      description = "Prove instead that no descriptor with exact rights gets to another number: each way, and what closes it.")
  private boolean proof;

  @Override
  public Integer call() throws Exception {
    requireOneForm();
    var loaded = policy.load();
    var out = spec.commandLine().getOut();
    if (expand) {
      out.print(loaded.expand());
      out.flush();
      return Status.OK;
    }
    var compiled = policy.settings().applyTo(Sandbox.builder().policy(loaded)).stdio(Stdio.INHERIT).build().compiled();
    if (format.isJson()) {
      Json.print(out, Answer.page(Explanation.of(compiled)));
    } else {
      out.print(birth ? BirthListing.of(compiled) : bpf ? FilterListing.of(compiled) : proof ? ProofListing.of(compiled)
          : Explanation.of(compiled));
      out.flush();
    }
    return Status.OK;
  }

  /** The page has an answer in JSON, and what is printed in its place has none. */
  private void requireOneForm() {
    var asked = new ArrayList<String>();
    var forms = Answer.members("--birth", birth, "--bpf", bpf, "--expand", expand, "--proof", proof,
        "--json", format.isJson());
    forms.forEach((name, isAsked) -> {
      if (isAsked.equals(true)) {
        asked.add(name);
      }
    });
    if (asked.size() > 1) {
      throw new ParameterException(spec.commandLine(), String.join(" and ", asked)
          + " exclude each other: one command prints one of " + String.join(", ", forms.keySet()));
    }
  }
}
