package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * Init enters the new root while the embryo is being cloned or works. A program without devices or libraries would run in
 * the host's root just as well, so it is the one to notice an embryo that was left there: about one in two thousand was,
 * when init did not wait for it. {@code -Dlaunches=N} for more.
 */
class RootRaceTest {
  private static final int LAUNCHES = Integer.getInteger("launches", 3000);
  private static final int THREADS = 6;

  @Test
  void noProgramOfManyRunsInTheRootOfTheHost() throws Exception {
    var policy = """
        policy: embryo/v1
        name: race
        program: {path: %s, arguments: [stat, /etc/passwd]}
        capabilities:
          stdout: {inherit: 1, rights: write}
        filesystem: {devices: none}
        """.formatted(Probe.PROGRAM);
    var sandbox = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build();
    Map<String, Integer> answers = new ConcurrentHashMap<>();
    Callable<Object> launch = () -> {
      try (var process = sandbox.launch()) {
        var answer = new String(process.getInputStream().readAllBytes()).strip();
        return answers.merge(answer, 1, Integer::sum);
      }
    };
    var pool = Executors.newFixedThreadPool(THREADS);
    try {
      for (var done : pool.invokeAll(Collections.nCopies(LAUNCHES, launch))) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(new TreeMap<>(answers)).isEqualTo(Map.of("ENOENT", LAUNCHES));
  }
}
