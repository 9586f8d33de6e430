package dev.embryo.samples.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random acts under random policies end as a simple model says that knows the words of the policy, and nothing of how they are
 * enforced; and the host's files are afterwards what it says.
 */
class ReferenceModelTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "model").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ACTS = Integer.getInteger("embryo.test.model", 2000);
  private static final long SEED = Long.getLong("embryo.test.seed", 1);
  private static final int ACTS_A_POLICY = 20;
  private static final String REFUSED = "refused";
  private static final Optional<Integer> USER = // of nobody else, beside those that sandboxes get by themselves
      System.getProperty("user.name").equals("root") ? Optional.of(1879113018) : Optional.empty();

  @TempDir Path directory;

  @BeforeEach
  void open() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void everyActEndsAsTheWordsOfItsPolicySay() throws Exception {
    var predictions = new ArrayList<Prediction>();
    for (int i = 0; i * ACTS_A_POLICY < ACTS; i++) {
      predictions.addAll(checkedPredictions(SEED + i, directory.resolve("p" + i)));
    }
    if (ACTS > ACTS_A_POLICY) {
      long works = predictions.stream().filter(each -> each.errnos().isEmpty()).count();
      assertThat(works).as("how many of %d acts work", predictions.size()).isBetween(ACTS / 5L, ACTS * 4L / 5);
    }
  }

  /** Checks what becomes of one policy, and of the acts under it. */
  private static List<Prediction> checkedPredictions(long seed, Path top) throws IOException, InterruptedException {
    var random = new Random(seed);
    var generator = new PolicyGenerator(random, top.toString());
    Node files = generator.files();
    Grants grants = generator.grants(files);
    var host = new HostFiles(top, USER);
    host.make(files);
    String policy = grants.text(PROGRAM, USER);
    var said = new StringBuilder("-Dembryo.test.model=1 -Dembryo.test.seed=" + seed + " in " + top + "\n" + policy);
    var refusal = Refusal.of(grants, files);
    if (refusal.isPresent()) {
      assertThat(answers(policy, top, List.of()).get(0)).as("%spredicted: refused, for %s", said, refusal.get()).startsWith(REFUSED);
      return List.of();
    }
    var model = new Model(grants, files, top.toString(), PROGRAM.toString(), USER.isPresent());
    var generated = new ActGenerator(random, top.toString(), grants, model::node);
    var acts = new ArrayList<Act>();
    var predictions = new ArrayList<Prediction>();
    for (int i = 0; i < ACTS_A_POLICY; i++) {
      acts.add(generated.act());
      predictions.add(model.predict(acts.get(i)));
    }

    var answers = answers(policy, top, acts);

    assertThat(answers).as("%spredicted: not refused", said).hasSameSizeAs(acts);
    for (int i = 0; i < acts.size(); i++) {
      said.append("%s: %s%n".formatted(acts.get(i).line(), answers.get(i)));
      assertThat(answers.get(i)).as("%spredicted: %s", said, predictions.get(i)).matches(predictions.get(i)::fits, "what was predicted");
    }
    assertThat(host.read()).as("%spredicted: these files of the host", said).isEqualTo(HostFiles.expected(files));
    host.remove();
    return predictions;
  }

  private static List<String> answers(String policy, Path top, List<Act> acts) throws IOException, InterruptedException {
    try (var process = Sandbox.builder().policy(Policies.parse(policy, top)).build().launch()) {
      process.killAfter(PATIENCE);
      try (var input = process.getOutputStream()) {
        input.write(acts.stream().map(act -> act.line() + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8));
      }
      var answers = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(process.waitFor()).as("what became of the program under\n%s", policy).isZero();
      return answers.isEmpty() ? List.of("not refused") : answers;
    } catch (IOException e) {
      return List.of(REFUSED + ": " + e.getMessage());
    }
  }
}
