package dev.embryo.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * libseccomp's sources have a simulator, too: where it is installed, it answers as the one here does. It runs what the library
 * writes and knows no other instruction, JSET for one.
 */
class LibrarySimulatorTest {
  private static final String COMMAND = "scmp_bpf_sim";
  private static final int CALLS = 40; // a process for each

  @TempDir Path folder;

  @BeforeAll
  static void needsTheOtherSimulator() {
    assumeTrue(command().isPresent(), COMMAND + ", a tool in libseccomp's sources that Debian does not package, is not installed");
  }

  private static Optional<Path> command() {
    return Stream.of(System.getenv("PATH").split(":")).map(each -> Path.of(each, COMMAND)).filter(Files::isExecutable).findFirst();
  }

  static Stream<Integer> seeds() {
    return IntStream.range(0, 10).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void bothAnswerAlike(int seed) throws LibseccompException, IOException, InterruptedException {
    var random = new Random(seed);
    var architecture = Architecture.values()[seed % 2];
    var rules = FilterCompilerTest.randomRules(architecture, random);
    var filter = FilterCompiler.of(Libseccomp.load(), architecture).byLibrary(rules);
    var file = Files.write(folder.resolve("filter"), filter.bytes());
    for (int i = 0; i < CALLS; i++) {
      var call = FilterCompilerTest.callNear(rules, architecture, random);

      assertThat(answer(file, architecture, call)).as("%s", call).isEqualTo(inItsWords(Simulator.run(filter, call)));
    }
  }

  private static String answer(Path filter, Architecture architecture, SeccompData call) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of(command().orElseThrow().toString(), "-f", filter.toString(),
        "-a", architecture.name().toLowerCase(Locale.ROOT), "-s", Integer.toString(call.number())));
    for (int i = 0; i < call.arguments().size(); i++) {
      words.addAll(List.of("-" + i, "0x" + Long.toHexString(call.arguments().get(i))));
    }
    var process = new ProcessBuilder(words).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static String inItsWords(Action action) {
    return action.errno().isPresent() ? "ERRNO(" + action.errno().getAsInt() + ")" : action.toString();
  }
}
