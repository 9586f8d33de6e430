package dev.embryo.launcher.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The script by which bash completes the words of a command: commands, options and what the command itself proposes. File
 * names are left to readline, which quotes them. picocli's own script gives them to {@code compgen -W}, which expands
 * them: completing a file name of a stranger's executes what stands in it. Stateless.
 */
final class BashCompletion {
  private static final String SCRIPT = """
      # How bash completes the words of NAME: sourced by bash, or found by bash-completion. Made from the command itself.
      _NAME() {
        local word=${COMP_WORDS[COMP_CWORD]} command= options= words= files= ended= i
        local IFS=$' \\t\\n'
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
            --) ended=yes ;;
            -*) ;;
            *) command=${command:-${COMP_WORDS[i]}} ;;
          esac
        done
        case $command in
      CASES    esac
        [[ -n $files ]] || compopt +o default 2>/dev/null
        if [[ -n $ended ]]; then
          return
        elif [[ $word == -* ]]; then
          words=$options
        fi
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F _NAME NAME
      """;

  private BashCompletion() {}

  /** The script. */
  static String of(CommandSpec spec) {
    var cases = new StringBuilder(words("''", spec, spec.subcommands().keySet()));
    spec.subcommands().forEach((name, command) -> cases.append(words(name, command.getCommandSpec(), List.of())));
    return SCRIPT.replace("CASES", cases).replace("NAME", spec.name());
  }

  private static String words(String pattern, CommandSpec spec, Iterable<String> subcommands) {
    var options = spec.options().stream().filter(option -> !option.hidden()).flatMap(option -> Arrays.stream(option.names()));
    var proposed = new ArrayList<String>();
    subcommands.forEach(proposed::add);
    spec.positionalParameters().stream().map(ArgSpec::completionCandidates)
        .filter(candidates -> candidates != null).forEach(candidates -> candidates.forEach(proposed::add));
    boolean files = spec.positionalParameters().stream().anyMatch(positional -> positional.type() == Path.class);
    return "    %s) options='%s' words='%s' files=%s ;;%n".formatted(pattern, options.collect(Collectors.joining(" ")),
        String.join(" ", proposed), files ? "yes" : "");
  }
}
