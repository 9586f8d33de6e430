package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every other test runs on the class path; people may put us on the module path too. */
class ModulePathTest {

  @Test
  void theCommandRunsAsANamedModule() throws Exception {
    String modulePath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(ModulePathTest::isOursOrALibrary)
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path", modulePath,
                "--module", "dev.embryo.cli/dev.embryo.launcher.cli.Main",
                "--version")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(output).startsWith("embryo ");
    assertThat(process.waitFor()).isZero();
  }

  private static boolean isOursOrALibrary(String entry) {
    return entry.matches(".*/(runtime|policy|launcher/api|launcher/cli)/target/.*")
        || entry.matches(".*/(jna|snakeyaml-engine|picocli|jackson-core|jspecify|re2j)-[^/]*\\.jar");
  }
}
