package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.samples.EscapeRoute.Need;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way out of a granted directory that there is, in every form in which it is granted, and everything that might be done
 * outside. The same is done at the same ways' ends within, where it works.
 */
class DirectoryEscapeTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "escape").toAbsolutePath();
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;
  private EscapeTree tree;
  private boolean mounts;

  static Stream<EscapeSetting> settings() {
    return EscapeSetting.all().filter(EscapeSetting::isPossible);
  }

  static Stream<EscapeSetting> settingsWithSomethingWithin() {
    return settings().filter(setting -> !setting.isEmpty());
  }

  private void makeTree(EscapeSetting setting) throws Exception {
    CompiledProgram.letOthersIn(directory);
    tree = new EscapeTree(directory.resolve("tree"));
    tree.make(setting.absolute(tree));
    mounts = ROOT && tree.mount();
  }

  @AfterEach
  void clearAway() throws Exception {
    if (mounts) {
      tree.unmount();
    }
    tree.removeLinks();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void noWayLeadsOut(EscapeSetting setting) throws Exception {
    makeTree(setting);
    var before = tree.state();

    assertThat(surprises(setting, EscapeEnd.OUTSIDE)).isEmpty();
    assertThat(tree.state()).isEqualTo(before);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settingsWithSomethingWithin")
  void theSameWaysLeadToWhatLiesWithin(EscapeSetting setting) throws Exception {
    makeTree(setting);

    assertThat(surprises(setting, EscapeEnd.WITHIN)).isEmpty();
  }

  private List<String> surprises(EscapeSetting setting, EscapeEnd end) throws Exception {
    var run = new EscapeRun();
    setting.preparation().forEach(run::prepare);
    var routes = EscapeRoute.ALL.stream().filter(route -> setting.lacks(route, end, mounts).isEmpty()).toList();
    routes.stream().filter(route -> !route.needs(Need.MOVED)).forEach(route -> addLines(run, setting, route, end));
    if (routes.stream().anyMatch(route -> route.needs(Need.MOVED))) {
      EscapeRoute.HOLDING.forEach(run::prepare);
      routes.stream().filter(route -> route.needs(Need.MOVED)).forEach(route -> addLines(run, setting, route, end));
    }
    try (var process = launch(setting)) {
      return run.surprises(process, tree::moveOut);
    } finally {
      tree.moveBack();
    }
  }

  private void addLines(EscapeRun run, EscapeSetting setting, EscapeRoute route, EscapeEnd end) {
    for (EscapeAct act : EscapeAct.ALL) {
      var line = setting.words(tree, route.line(act, end));
      run.add(route.name(), end == EscapeEnd.WITHIN ? "undo; " + line : line, setting.answer(route, act, end));
    }
  }

  private SandboxedProcess launch(EscapeSetting setting) throws IOException {
    var policy = setting.policy(tree, PROGRAM).text(setting.places(tree));
    var process = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build().launch();
    process.killAfter(PATIENCE);
    return process;
  }
}
