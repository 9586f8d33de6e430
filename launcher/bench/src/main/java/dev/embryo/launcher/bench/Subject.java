package dev.embryo.launcher.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ways of launching a program that are compared. */
enum Subject {
  EMBRYO("embryo", SandboxLauncher::open),
  EMBRYO_ATTESTED("embryo, attested", SandboxLauncher::attested),
  EMBRYO_WITH_NETWORK_NAMESPACE("embryo, network namespace",
      () -> PlanLauncher.withNetworkNamespace(SandboxLauncher.open().sandbox().compiled())),
  EMBRYO_WITHOUT_ISOLATION("embryo, no isolation", PlanLauncher::withoutIsolation),
  PROCESS_BUILDER("ProcessBuilder", () -> new CommandLauncher(List.of(Subject.PROGRAM))),
  BWRAP("bwrap", () -> new CommandLauncher(List.of("bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev",
      Subject.PROGRAM)));

  /** What every way launches: a small dynamic program. */
  static final String PROGRAM = "/bin/true";

  private interface Opening {
    Launcher open() throws IOException;
  }

  private final String title;
  private final Opening opening;

  Subject(String title, Opening opening) {
    this.title = title;
    this.opening = opening;
  }

  String title() {
    return title;
  }

  /** Makes ready for launches. */
  Launcher open() throws IOException {
    return opening.open();
  }

  /** Why it cannot be launched on this machine, if so. */
  Optional<String> obstacle() {
    return this != BWRAP || isOnPath("bwrap") ? Optional.empty() : Optional.of("not installed");
  }

  private static boolean isOnPath(String command) {
    @Nullable String path = System.getenv("PATH");
    for (String directory : (path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(directory, command))) {
        return true;
      }
    }
    return false;
  }
}
