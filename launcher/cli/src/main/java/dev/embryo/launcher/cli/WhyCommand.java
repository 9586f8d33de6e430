package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.explain.Question;
import dev.embryo.policy.explain.QuestionException;
import dev.embryo.policy.explain.Why;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code embryo why}: what would become of one system call. */
@Command(
    name = "why",
    description = "Tell what would become of a system call of the program, and because of what.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = EmbryoCommand.EXIT_STATUS,
    exitCodeList = {
      "0:the call is allowed",
      "1:it is not",
      "125:the policy cannot be run here, or there is no such call"
    },
    footer = {
      "",
      "The filters that a launch would install are run on the call, and a path is",
      "followed in the root that it would make. Nothing is run.",
      "",
      "Example:",
      "  embryo why policy.yaml openat AT_FDCWD /etc/passwd O_RDONLY",
      "  embryo why policy.yaml socket AF_INET SOCK_STREAM"
    })
final class WhyCommand implements Callable<Integer> {
  private static final int REFUSED = 1;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private PolicyFile policy = new PolicyFile();

  @Parameters(index = "1", paramLabel = "CALL", description = "The name of a system call, or its number.")
  private String call = "";

  @Parameters(
      index = "2..*",
      paramLabel = "ARGS",
      arity = "0..*",
      description = "Its arguments: numbers, C constants joined by '|', names of capabilities, texts. '...' is some address.")
  private List<String> arguments = new ArrayList<>();

  @Mixin
  private Format format = new Format();

  @Override
  public Integer call() throws Exception {
    var compiled = policy.settings().applyTo(Sandbox.builder().policy(policy.load())).build().compiled();
    Why why;
    try {
      why = Why.of(compiled, Question.of(compiled, call, arguments));
    } catch (QuestionException unclear) {
      throw new ParameterException(spec.commandLine(), unclear.getMessage(), unclear);
    }
    var out = spec.commandLine().getOut();
    if (format.isJson()) {
      Json.print(out, Answer.why(why));
    } else {
      out.print(why);
      out.flush();
    }
    return why.isAllowed() ? Status.OK : REFUSED;
  }
}
