package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.samples.EscapeRoute.Need;
import java.io.IOException;
import java.nio.file.Path;
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
  private static final boolean ROOT = System.getProperty("user.name").equals("root");

  private static final EscapeSetting OUTSIDE =
      new EscapeSetting(EscapeSetting.Form.MOUNTED, true, EscapeSetting.Isolation.NO_NAMESPACES);

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

  /** So that it is known that nothing but the sandbox was in the way. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("waysOut")
  void withoutASandboxEveryWayLeadsOut(EscapeRoute route) throws Exception {
    makeTree(OUTSIDE);
    assumeTrue(mounts || !route.needs(Need.MOUNTS), "only root mounts on the host");
    assumeTrue(ROOT || !route.needs(Need.PRIVILEGE), "it takes root");
    assumeTrue(!route.needs(Need.USER_NAMESPACES) || Probe.run(List.of("unshare", "--user", "true")).done(), "it takes user namespaces");

    if (route.needs(Need.PROCESS)) {
      for (EscapeAct act : route.acts()) {
        assertLeadsOut(route, List.of(act), true);
      }
    } else {
      assertLeadsOut(route, route.acts(), true);
      assertLeadsOut(route, route.acts(), false);
    }
  }

  private void assertLeadsOut(EscapeRoute route, List<EscapeAct> acts, boolean byDescriptor) throws Exception {
    var run = new EscapeRun();
    if (route.needs(Need.MOVED)) {
      EscapeRoute.HOLDING.forEach(run::prepare);
    }
    acts.forEach(act -> run.add(
        route.name(), "undo; " + OUTSIDE.words(tree, route.line(act, EscapeEnd.OUTSIDE)), act.unconfined(route)));
    var process = route.needs(Need.PRIVILEGE)
        ? EscapeProgram.outsideByRoot(tree, byDescriptor) : EscapeProgram.outside(tree, byDescriptor);
    assertThat(run.surprises(process, tree::moveOut)).isEmpty();
    tree.moveBack();
  }

  static Stream<EscapeRoute> waysOut() {
    return EscapeRoute.ALL.stream().filter(route -> !route.needs(Need.NO_WAY));
  }

  /** It is still the program's own, or nobody's: older kernels do not find it beneath what Landlock allows. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("settingsOfTheHost")
  void whatTheHostMovesOutIsNamedByNothingAboveIt(EscapeSetting setting) throws Exception {
    makeTree(setting);
    tree.file("granted/moving/leaf", "leaf");
    var run = new EscapeRun();
    EscapeRoute.HOLDING.forEach(run::prepare);
    var where = setting.withNamespaces() ? "(unreachable)/" : tree.outer() + "/moving";
    run.add("its name", "use 1; name", "ok " + where);
    run.add("what is in it", "use 1; read leaf", EscapeSetting.ANY_STEP + (setting.withNamespaces() ? "ok/EACCES" : "EACCES"));

    try (var process = EscapeProgram.inside(setting, tree)) {
      assertThat(run.surprises(process, tree::moveOut)).isEmpty();
    }
  }

  static Stream<EscapeSetting> settingsOfTheHost() {
    return settings().filter(EscapeSetting::isOfTheHost);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settingsThatTakeNamespaces")
  void whatNothingElseWouldHoldIsRefusedWithoutNamespaces(EscapeSetting setting) throws Exception {
    makeTree(setting);

    assertThatThrownBy(() -> EscapeProgram.inside(setting, tree).close()).isInstanceOf(PolicyException.class)
        .hasMessageContaining(setting.refusal());
  }

  static Stream<EscapeSetting> settingsThatTakeNamespaces() {
    return EscapeSetting.all().filter(setting -> !setting.isPossible());
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
    try (var process = EscapeProgram.inside(setting, tree)) {
      return run.surprises(process, tree::moveOut);
    } finally {
      tree.moveBack();
    }
  }

  private void addLines(EscapeRun run, EscapeSetting setting, EscapeRoute route, EscapeEnd end) {
    for (EscapeAct act : route.acts()) {
      var line = setting.words(tree, route.line(act, end));
      run.add(route.name(), end == EscapeEnd.WITHIN ? "undo; " + line : line, setting.answer(route, act, end));
    }
  }
}
