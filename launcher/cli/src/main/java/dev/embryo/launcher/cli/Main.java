package dev.embryo.launcher.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code embryo} command. */
@Command(name = "embryo", mixinStandardHelpOptions = true, versionProvider = Main.Version.class)
public final class Main {
  private Main() {}

  /**
   * Runs the command and exits with its status.
   *
   * @param arguments the words after {@code embryo}
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "embryo " + Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(from classes)")
      };
    }
  }
}
