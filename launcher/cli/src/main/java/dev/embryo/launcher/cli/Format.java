package dev.embryo.launcher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The option of every command that answers machines too. */
final class Format {
  private static final String NAME = "format";

  @Option(names = "--json", description = "Answer in JSON, on standard output, failures as well.")
  private boolean json;

  /** Whether machines are to read the answer. */
  boolean isJson() {
    return json;
  }

  /** Whether that was asked of a command, which may have no such option. */
  static boolean isJson(CommandLine command) {
    var mixin = command.getMixins().get(NAME);
    return mixin instanceof Format format && format.isJson();
  }
}
