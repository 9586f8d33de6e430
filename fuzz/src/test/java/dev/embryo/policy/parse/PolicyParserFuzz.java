package dev.embryo.policy.parse;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Any bytes are a policy, or a configuration of cloudabi-run, or are not, and both are said in bounded time. A policy, written out in full, is read again as the
 * same; everything else is a {@link PolicyException}, whose problems lie inside the text and can be shown on a terminal.
 */
class PolicyParserFuzz {
  private static final String FILE = "fuzz.yaml";
  private static final Path BASE = Path.of("/srv");
  private static final Path PROGRAM = Path.of("bin/${program}");
  private static final long MOST = TimeUnit.SECONDS.toNanos(5); // of this thread, so that a busy machine finds nothing

  static {
    anyPolicy(new byte[0]); // loads and instruments the classes, which takes seconds
  }

  @DictionaryFile(resourcePath = "policy.dictionary")
  @FuzzTest
  void anyBytes(byte[] bytes) {
    long start = processorTime();
    anyPolicy(bytes);
    require(processorTime() - start < MOST, "it took more than 5 s");
  }

  private static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void anyPolicy(byte[] bytes) {
    read(bytes, () -> PolicyParser.read(FILE, BASE, bytes)).ifPresent(PolicyParserFuzz::checkExpansion);
    read(bytes, () -> CloudabiReader.read(FILE, BASE, bytes, PROGRAM, path -> path.endsWith("d")))
        .ifPresent(PolicyParserFuzz::checkExpansion);
  }

  private interface Reading {
    PolicyTemplate read() throws PolicyException;
  }

  private static Optional<PolicyTemplate> read(byte[] bytes, Reading reading) {
    try {
      return Optional.of(reading.read());
    } catch (PolicyException e) {
      String text = new String(bytes, StandardCharsets.UTF_8);
      require(!e.problems().isEmpty(), "an exception without a problem");
      e.problems().forEach(problem -> check(problem, text));
      return Optional.empty();
    }
  }

  private static void check(Problem problem, String text) {
    String[] lines = text.split("\r\n|[\r\n]", -1);
    int line = problem.position().line();
    require(problem.position().file().equals(FILE), "in another file: " + problem);
    require(1 <= line && line <= lines.length, "on line " + line + " of " + lines.length + ": " + problem);
    int last = lines[line - 1].codePointCount(0, lines[line - 1].length()) + 1;
    int column = problem.position().column();
    require(1 <= column && column <= last, "in column " + column + " of " + last + ": " + problem);
    require(Printable.escape(problem.message()).equals(problem.message()), "not fit for a terminal: " + problem);
    require(!problem.message().isBlank(), "no message");
  }

  private static void checkExpansion(PolicyTemplate template) {
    String expanded = template.expand();
    byte[] bytes = expanded.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > SourceText.LARGEST) {
      return; // escapes make a text longer
    }
    try {
      PolicyTemplate again = PolicyParser.read(FILE, BASE, bytes);
      require(again.expand().equals(expanded), "expanded again it is another:\n" + expanded + "\n" + again.expand());
      require(meaning(again).equals(meaning(template)), "expanded it means something else:\n" + expanded);
    } catch (PolicyException e) {
      throw new AssertionError("its expansion is no policy: " + e.getMessage() + "\n" + expanded, e);
    }
  }

  /** What the policy of a launch that adds nothing is, without places; or why there is none. */
  private static String meaning(PolicyTemplate template) {
    try {
      Policy policy = template.bind(Binding.NONE);
      return policy.toString().replaceAll(FILE + ":[0-9]+:[0-9]+", "").replaceFirst("(?s), places=Places\\[.*", "");
    } catch (PolicyException e) {
      return e.problems().stream().map(Problem::message).sorted().toList().toString();
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
