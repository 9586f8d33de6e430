import static java.nio.charset.StandardCharsets.UTF_8;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Program;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Lets a hostile program make every attempt that it knows, in each sandbox that is there, and prints what became of it: a line an
 * attempt, a column a sandbox.
 *
 * <p>{@code Attack PROBE POLICY...}: the probe stands for the program of each policy, and holds what that would hold. Exit status: 0 if
 * nothing was done under any policy, 1 if something was: which the policy grants, or which got out.
 */
final class Attack {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String DONE = "DONE";
  /** What attempts make that succeed. */
  private static final List<Path> LEFT = Stream.of("/created", "/made", "/tmp/linked", "/tmp/copy").map(Path::of).toList();
  private static final Map<Integer, String> SIGNALS = Map.of(4, "SIGILL", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 31, "SIGSYS");

  /** Makes one attempt, and answers with the errno that it met, the signal that ended it, or {@link #DONE}. */
  private interface Column {
    String attempt(List<String> act) throws IOException, InterruptedException;
  }

  private Attack() {}

  public static void main(String[] arguments) throws Exception {
    Path probe = Path.of(arguments[0]).toRealPath();
    List<Policy> policies = new ArrayList<>();
    for (String file : List.of(arguments).subList(1, arguments.length)) {
      policies.add(Policies.load(Path.of(file)).bind(Binding.NONE));
    }
    Map<String, Column> columns = columns(probe, policies);

    print("attempt", columns.keySet());
    Map<String, Integer> done = new TreeMap<>();
    List<List<String>> attempts = attempts(probe);
    for (List<String> act : attempts) {
      List<String> answers = new ArrayList<>();
      for (Map.Entry<String, Column> column : columns.entrySet()) {
        String answer = column.getValue().attempt(act);
        done.merge(column.getKey(), answer.equals(DONE) ? 1 : 0, Integer::sum);
        answers.add(answer);
      }
      print(String.join(" ", act).replace(probe.toString(), "itself"), answers);
    }
    print("done, of " + attempts.size(), columns.keySet().stream().map(name -> String.valueOf(done.get(name))).toList());
    System.exit(policies.stream().anyMatch(policy -> done.get(title(policy)) > 0) ? 1 : 0);
  }

  private static void print(String title, Iterable<String> cells) {
    StringBuilder line = new StringBuilder("%-44s".formatted(title.length() > 43 ? title.substring(0, 43) : title));
    cells.forEach(cell -> line.append(" %-14s".formatted(cell)));
    System.out.println(line.toString().stripTrailing());
  }

  /** Each attempt as the probe lists it; {@code SELF} is the probe's own path. */
  private static List<List<String>> attempts(Path probe) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(probe.toString(), "attempts").start();
    List<String> lines = process.inputReader(UTF_8).lines().toList();
    process.waitFor();
    return lines.stream().map(line -> List.of(line.split(" "))).toList();
  }

  /** The last part of its name. */
  private static String title(Policy policy) {
    return policy.name().substring(policy.name().lastIndexOf('/') + 1);
  }

  private static Map<String, Column> columns(Path probe, List<Policy> policies) throws IOException, InterruptedException {
    Map<String, Column> columns = new LinkedHashMap<>();
    columns.put("no sandbox", act -> outside(command(List.of(), probe, act)));
    policies.forEach(policy -> columns.put(title(policy), act -> inside(probe, policy, act)));
    // As their manuals advise for a program that is not trusted. bwrap brings no filter of system calls; its user does.
    addRival("bwrap", "--unshare-all --die-with-parent --new-session --cap-drop ALL --clearenv --tmpfs /tmp --dev /dev --ro-bind"
        + " %1$s %1$s", probe, columns);
    addRival("firejail", "--quiet --noprofile --private --caps.drop=all --nonewprivs --net=none --seccomp --noroot --private-dev"
        + " --whitelist=%1$s", probe, columns);
    return columns;
  }

  /** If it is installed, and can be used by this user here. */
  private static void addRival(String name, String options, Path probe, Map<String, Column> columns)
      throws IOException, InterruptedException {
    Optional<Path> program = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name)).filter(Files::isExecutable).findFirst();
    if (program.isPresent()) {
      List<String> before = new ArrayList<>(List.of(program.get().toString()));
      before.addAll(List.of(options.formatted(probe).split(" ")));
      Column column = act -> outside(command(before, probe, act));
      if (column.attempt(List.of("getpid")).equals(DONE)) {
        columns.put(name, column);
      }
    }
  }

  private static List<String> command(List<String> before, Path probe, List<String> act) {
    return Stream.of(before.stream(), Stream.of(probe.toString()), words(probe, act).stream()).flatMap(words -> words).toList();
  }

  private static List<String> words(Path probe, List<String> act) {
    return act.stream().map(word -> word.equals("SELF") ? probe.toString() : word).toList();
  }

  private static String outside(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    String output = output(process);
    String answer = answer(process.waitFor(), output);
    for (Path each : LEFT) {
      Files.deleteIfExists(each);
    }
    return answer;
  }

  private static String output(Process process) throws IOException {
    process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  /** The policy with the probe for its program. */
  private static String inside(Path probe, Policy policy, List<String> act) throws IOException, InterruptedException {
    var capabilities = new LinkedHashMap<>(policy.capabilities());
    capabilities.values().removeIf(capability -> capability.fd().equals(OptionalInt.of(1)));
    capabilities.put("stdout", new Inherit("stdout", 1, Rights.of(Right.WRITE, Right.DUPLICATE), OptionalInt.of(1), Optional.empty(),
        policy.places().at("capabilities")));
    var program = new Program(probe, words(probe, act), Map.of(), "/", Optional.empty(), Optional.empty());
    var attacked = new Policy(policy.name(), policy.version(), program, capabilities, policy.passed(), policy.filesystem(),
        policy.processes(), policy.systemCalls(), policy.limits(), policy.identity(), policy.isolation(), policy.places());
    try (var process = Sandbox.builder().policy(attacked).stdin(Stdio.NULL).stderr(Stdio.NULL).build().launch()) {
      process.killAfter(PATIENCE);
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return answer(process.waitFor(), output);
    }
  }

  private static String answer(int status, String output) {
    if (status > 128) {
      return SIGNALS.getOrDefault(status - 128, "signal " + (status - 128));
    }
    String word = Arrays.stream(output.split("\\s")).findFirst().orElse("");
    return status == 1 && word.matches("E[A-Z0-9]+") ? word : output.startsWith("ok") || status == 0 ? DONE : "exit " + status;
  }
}
