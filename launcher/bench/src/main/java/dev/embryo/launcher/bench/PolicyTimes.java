package dev.embryo.launcher.bench;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.file.Path;

/** How long a launch waits for its policy. Nothing is launched. */
final class PolicyTimes {
  private static final Path ROOT = Path.of("/");
  private static final String POLICY = """
      policy: embryo/v1
      name: %s
      program:
        path: /bin/true
        arguments: [-u, -T, /tmp, /in/names.txt]
        environment: {LC_ALL: C}
      capabilities:
        stdout:  {inherit: 1, rights: write}
        stderr:  {inherit: 2, rights: write}
        names:   {directory: /usr/share, rights: [list, read], mount: /in}
        scratch: {tmpfs: 64MiB, mount: /tmp}
      limits: {memory: 256MiB, cpu-time: 10s}
      """;

  private PolicyTimes() {}

  private interface Turn {
    void take(int number) throws IOException;
  }

  /** Each time another text: what is asked for again is not compiled again. */
  static Outcome compiled(Options options) throws IOException {
    return time(options,
        number -> Sandbox.builder().policy(Policies.parse(POLICY.formatted("bench-" + number), ROOT)).build());
  }

  /** Each time the same text. */
  static Outcome cached(Options options) throws IOException {
    var builder = Sandbox.builder().policy(Policies.parse(POLICY.formatted("bench"), ROOT));
    var outcome = time(options, number -> builder.build());
    var last = builder.build().compiled();
    return builder.build().compiled() == last ? outcome
        : Outcome.failed("it is not kept: something that it depends on keeps changing");
  }

  private static Outcome time(Options options, Turn turn) throws IOException {
    for (int i = 0; i < options.warmUp(); i++) {
      turn.take(i);
    }
    var nanos = new long[options.launches()];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      turn.take(options.warmUp() + i);
      nanos[i] = System.nanoTime() - start;
    }
    return Outcome.measured(Times.ofNanos(nanos));
  }
}
