package dev.embryo.launcher.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
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

  /** The version that the build wrote: into the module's descriptor, and into the jar for the class path. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Main.class.getModule().getDescriptor())
              .flatMap(ModuleDescriptor::rawVersion)
              .or(() -> Optional.ofNullable(Main.class.getPackage().getImplementationVersion()))
              .orElse("(not packed)");
      return new String[] {"embryo " + version};
    }
  }
}
