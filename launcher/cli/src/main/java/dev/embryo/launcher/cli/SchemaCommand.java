package dev.embryo.launcher.cli;

import dev.embryo.policy.parse.PolicySchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code embryo schema}: the language of policies, for editors. */
@Command(
    name = "schema",
    description = "Print the JSON Schema of policies, with which editors complete and check them.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "An editor that knows the YAML language server finds it by a comment in the",
      "policy.",
      "",
      "Example:",
      "  embryo schema > embryo-policy.schema.json",
      "  # yaml-language-server: $schema=embryo-policy.schema.json"
    })
final class SchemaCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    out.print(PolicySchema.text());
    out.flush();
    return Status.OK;
  }
}
