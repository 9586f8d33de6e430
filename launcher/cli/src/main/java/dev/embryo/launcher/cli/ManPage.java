package dev.embryo.launcher.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of a command in the language of man(7), from the same words as its help. A paragraph of the footer that
 * begins with a line such as {@code Example:} becomes a section; what is indented in it and has a gap, such as {@code
 * EMBRYO_DEBUG  1}, a term and its meaning, and everything else lines as they are. The other paragraphs join the description.
 *
 * <p>Used once, by one thread.
 */
final class ManPage {
  private static final Pattern HEADING = Pattern.compile("[A-Z][a-z ]*:");
  private static final Pattern TERM = Pattern.compile(" {2}(\\S+) {2,}(\\S.*)");
  private static final Pattern CONTINUED = Pattern.compile(" {3,}(\\S.*)");
  private static final Map<Character, String> ESCAPES = Map.of(
      '\\', "\\(rs", '-', "\\-", '\'', "\\(aq", '`', "\\(ga", '^', "\\(ha", '~', "\\(ti", '"', "\\(dq");

  private final CommandSpec spec;
  private final StringBuilder page = new StringBuilder();

  private ManPage(CommandSpec spec) {
    this.spec = spec;
  }

  /** The name of a command's page: {@code embryo-run}. */
  static String name(CommandSpec spec) {
    return spec.qualifiedName("-");
  }

  /** The page. */
  static String of(CommandSpec spec) {
    var page = new ManPage(spec);
    page.write();
    return page.page.toString();
  }

  private void write() {
    var usage = spec.usageMessage();
    var footer = paragraphs(usage.footer());
    request("TH", name(spec).toUpperCase(Locale.ROOT), "1", "", spec.root().version()[0], "Embryo");
    request("nh"); // what may be copied is not hyphenated
    request("ad", "l");
    section("NAME");
    text(name(spec) + " - " + summary(usage.description()));
    section("SYNOPSIS");
    text(synopsis());
    section("DESCRIPTION");
    paragraphs(usage.description()).forEach(this::paragraph);
    footer.stream().filter(lines -> !isSection(lines)).forEach(this::paragraph);
    arguments("OPTIONS", spec.options().stream().filter(option -> !option.hidden()).toList());
    arguments("ARGUMENTS", spec.positionalParameters());
    commands();
    statuses(usage.exitCodeList());
    footer.stream().filter(ManPage::isSection).forEach(this::section);
    seeAlso();
  }

  private static String summary(String[] description) {
    String first = String.join(" ", description).replaceFirst("[.:](?s:[ %].*|$)", "");
    return Character.toLowerCase(first.charAt(0)) + first.substring(1);
  }

  private String synopsis() {
    return new Help(spec, Help.defaultColorScheme(Ansi.OFF)).synopsis(0).strip().replaceAll("\\s+", " ");
  }

  private void arguments(String heading, List<? extends ArgSpec> arguments) {
    if (!arguments.isEmpty()) {
      section(heading);
    }
    for (ArgSpec argument : arguments) {
      term(argument instanceof OptionSpec option ? names(option) : italic(((PositionalParamSpec) argument).paramLabel()),
          String.join(" ", argument.description()));
    }
  }

  private static String names(OptionSpec option) {
    String value = option.arity().max() == 0 ? "" : '=' + italic(option.paramLabel());
    return Arrays.stream(option.names()).map(ManPage::bold).collect(Collectors.joining(", ")) + value;
  }

  private void commands() {
    if (!spec.subcommands().isEmpty()) {
      section("COMMANDS");
    }
    spec.subcommands().forEach((name, command) ->
        term(bold(name), String.join(" ", command.getCommandSpec().usageMessage().description())));
  }

  private void statuses(Map<String, String> statuses) {
    if (!statuses.isEmpty()) {
      section("EXIT STATUS");
    }
    statuses.forEach((status, meaning) -> term(bold(status.strip()), meaning));
  }

  private static boolean isSection(List<String> lines) {
    return HEADING.matcher(lines.get(0)).matches();
  }

  private void section(List<String> lines) {
    section(lines.get(0).replace(":", "").toUpperCase(Locale.ROOT));
    for (String line : lines.subList(1, lines.size())) {
      var term = TERM.matcher(line);
      var continued = CONTINUED.matcher(line);
      if (term.matches()) {
        term(bold(term.group(1)), term.group(2));
      } else if (continued.matches()) {
        text(continued.group(1));
      } else {
        request("PP");
        request("nf");
        text(line.strip());
        request("fi");
      }
    }
  }

  private void seeAlso() {
    var others = new ArrayList<CommandSpec>();
    if (spec.parent() != null) {
      others.add(spec.parent());
    }
    spec.subcommands().values().forEach(command -> others.add(command.getCommandSpec()));
    section("SEE ALSO");
    page.append(others.stream().map(other -> bold(name(other)) + "(1)").collect(Collectors.joining(",\n"))).append('\n');
  }

  /** Blank lines are between paragraphs. */
  private static List<List<String>> paragraphs(String... lines) {
    return Arrays.stream(String.join("\n", lines).replace("%n", "\n").split("\n\\s*\n"))
        .map(paragraph -> paragraph.lines().filter(line -> !line.isBlank()).toList())
        .filter(paragraph -> !paragraph.isEmpty()).toList();
  }

  private void paragraph(List<String> lines) {
    request("PP");
    lines.forEach(line -> text(line.strip()));
  }

  private void term(String markedTerm, String meaning) {
    request("TP");
    page.append(markedTerm).append('\n');
    text(meaning);
  }

  private void section(String name) {
    request("SH", name);
  }

  private void request(String name, String... arguments) {
    page.append('.').append(name);
    for (String argument : arguments) {
      page.append(' ').append(argument.isEmpty() || argument.contains(" ") ? '"' + escape(argument) + '"' : escape(argument));
    }
    page.append('\n');
  }

  /** A line of text, which is none of man's requests, whatever it begins with. */
  private void text(String line) {
    page.append(line.startsWith(".") ? "\\&" : "").append(escape(line)).append('\n');
  }

  private static String bold(String text) {
    return "\\fB" + escape(text) + "\\fR";
  }

  private static String italic(String text) {
    return "\\fI" + escape(text) + "\\fR";
  }

  private static String escape(String text) {
    var escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      escaped.append(c < 0x80 ? ESCAPES.getOrDefault(c, String.valueOf(c)) : String.format("\\[u%04X]", (int) c));
    }
    return escaped.toString();
  }
}
