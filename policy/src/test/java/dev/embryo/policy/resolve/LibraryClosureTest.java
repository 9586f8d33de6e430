package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.resolve.ViewEntry.Link;
import dev.embryo.policy.resolve.ViewEntry.Mount;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LibraryClosureTest {
  private static final String NOTHING = "int main(void) { return 0; }\n";
  private static final String CALLS_F = "int f(void); int main(void) { return f(); }\n";
  private static final String F = "int f(void) { return 0; }\n";

  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  @ParameterizedTest
  @MethodSource("programsOfThisHost")
  void theClosureIsWhatLddPrints(Path program) throws Exception {
    Tool.require("ldd");

    assertThat(libraries(PolicySketch.of(program).resolve())).isEqualTo(ldd(program));
  }

  static Stream<Path> programsOfThisHost() {
    return Stream.of(
            "/bin/true", "/usr/bin/sha256sum", "/bin/bash", "/usr/bin/perl", "/usr/bin/python3", "/usr/bin/git",
            "/usr/bin/curl", "/usr/bin/ssh", "/usr/bin/openssl", "/usr/bin/gdb", "/usr/bin/ffmpeg",
            System.getProperty("java.home") + "/bin/java")
        .map(Path::of)
        .filter(Files::isExecutable);
  }

  @ParameterizedTest
  @MethodSource("programsOfThisHost")
  void aProgramStartsInARootThatHoldsNothingButItsView(Path program) throws Exception {
    ResolvedPolicy resolved = PolicySketch.of(program).resolve();
    Path root = build(resolved);

    // The loader lists what it loaded and does not start the program; what is missing makes it fail.
    Tool.Result result = trace(root, resolved);

    assertThat(result.output()).doesNotContain("not found");
    assertThat(result.status()).isZero();
  }

  @Test
  void withoutOneOfItsLibrariesAProgramDoesNotStart() throws Exception {
    ResolvedPolicy resolved = PolicySketch.of(Path.of("/bin/bash")).resolve();
    Path root = build(resolved);
    assertThat(trace(root, resolved).status()).isZero();

    String library = libraries(resolved).stream().filter(path -> path.contains("/libc")).findFirst().orElseThrow();
    Files.delete(root.resolve(library.substring(1)));

    assertThat(trace(root, resolved).output()).contains("libc.so.6 => not found");
  }

  @Test
  void whereEverythingIsInTheDefaultDirectoriesTheCacheStaysOutside() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);

    assertThat(paths(PolicySketch.of(program).resolve())).doesNotContain("/etc/ld.so.cache");
  }

  @Test
  void aLibraryThatOnlyTheCacheKnowsBringsTheCacheAndItsVariants() throws Exception {
    Path baseline = library(top.resolve("cached/libf.so"));
    Path variant = library(top.resolve("cached/glibc-hwcaps/x86-64-v3/libf.so"));
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, baseline.toString());
    int flags = Machine.current().orElseThrow() == Machine.X86_64 ? 0x0303 : 0x0a03;
    Path cache = Files.write(top.resolve("cache"), LoaderCacheTest.cache(
        new LoaderCacheTest.Entry(flags, "libf.so", variant.toString(), 1L << 62),
        new LoaderCacheTest.Entry(flags, "libf.so", baseline.toString(), 0)));

    ResolvedPolicy resolved =
        new PolicyResolver(cache.toString(), Machine.current()).resolve(PolicySketch.of(program).policy());

    assertThat(paths(resolved)).contains(baseline.toString(), variant.toString(), cache.toString());
  }

  @Test
  void aDamagedCacheIsAnErrorAndNotAnEmptyCache() throws Exception {
    Path cache = Files.writeString(top.resolve("cache"), "glibc");
    PolicyResolver resolver = new PolicyResolver(cache.toString(), Machine.current());

    assertThatThrownBy(() -> resolver.resolve(PolicySketch.of(Path.of("/bin/true")).policy()))
        .hasMessage("policy.yaml:2:3: program.path: " + cache
            + ": not a sound loader cache: it has no header of the format glibc-ld.so.cache1.1; run ldconfig to make a new one");
  }

  @Test
  void withoutACacheTheDefaultDirectoriesAreSearched() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);
    PolicyResolver resolver = new PolicyResolver(top + "/none", Machine.current());

    assertThat(libraries(resolver.resolve(PolicySketch.of(program).policy()))).isEqualTo(ldd(program));
  }

  @ParameterizedTest
  @MethodSource("searchPaths")
  void aLibraryIsFoundThroughTheSearchPathOfTheProgram(String directory, String option) throws Exception {
    Path library = library(top.resolve("app").resolve(directory).resolve("libf.so"));
    Path program = Tool.gcc(top.resolve("app/bin/program"), CALLS_F, library.toString(), option,
        "-Wl,-rpath,$ORIGIN/../lib:${ORIGIN}/../p-$PLATFORM");
    link(top.resolve("run"), "app/bin/program");

    ResolvedPolicy resolved = PolicySketch.of(top.resolve("run")).resolve();

    assertThat(libraries(resolved)).isEqualTo(ldd(program)).contains(library.toString());
    assertThat(resolved.program().origin()).contains(top + "/app/bin");
    assertThat(trace(build(resolved), resolved).output()).contains("/libf.so").doesNotContain("not found");
  }

  @Test
  void withoutProcAProgramsOwnOriginMustBeTold() throws Exception {
    Path library = library(top.resolve("app/lib/libf.so"));
    Path program = Tool.gcc(top.resolve("app/bin/program"), CALLS_F, library.toString(), "-Wl,-rpath,$ORIGIN/../lib");
    ResolvedPolicy resolved = PolicySketch.of(program).resolve();
    ResolvedProgram told = resolved.program();
    ResolvedProgram untold = new ResolvedProgram(told.viewPath(), told.host(), told.identity(), told.elf(), Optional.empty(),
        told.command(), told.script(), told.sealed());
    Path root = build(resolved);

    assertThat(trace(root, resolved).output()).contains("/libf.so (0x");
    assertThat(trace(root, new ResolvedPolicy(resolved.policy(), untold, resolved.view(), resolved.files(),
        resolved.executables())).output())
        .contains("libf.so => not found");
  }

  static Stream<Arguments> searchPaths() {
    String platform = Machine.current().orElse(Machine.X86_64) == Machine.X86_64 ? "x86_64" : "aarch64";
    return Stream.of("-Wl,--enable-new-dtags", "-Wl,--disable-new-dtags")
        .flatMap(option -> Stream.of("lib", "p-" + platform)
            .map(directory -> Arguments.of(directory, option)));
  }

  @Test
  void rpathServesTheLibrariesOfLibrariesAndRunpathDoesNot() throws Exception {
    Path inner = library(top.resolve("deep/libf.so"));
    Path outer = top.resolve("lib/libouter.so");
    Tool.gcc(outer, "int f(void); int g(void) { return f(); }\n", "-shared", "-fPIC", "-Wl,-soname,libouter.so", inner.toString());
    String calls = "int g(void); int main(void) { return g(); }\n";
    String path = "-Wl,-rpath," + top + "/lib:" + top + "/deep";
    Path withRpath = Tool.gcc(top.resolve("old"), calls, outer.toString(), path, "-Wl,--disable-new-dtags", "-Wl,--allow-shlib-undefined");
    Path withRunpath = Tool.gcc(top.resolve("new"), calls, outer.toString(), path, "-Wl,--enable-new-dtags", "-Wl,--allow-shlib-undefined");

    assertThat(libraries(PolicySketch.of(withRpath).resolve())).isEqualTo(ldd(withRpath)).contains(inner.toString());
    assertThatThrownBy(() -> PolicySketch.of(withRunpath).resolve())
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("policy.yaml:2:3: program.path: " + outer + " (loaded for " + withRunpath
            + ") needs libf.so, which was not found; looked in the loader's cache, /");
    assertThat(Tool.run(List.of("ldd", withRunpath.toString())).output()).contains("libf.so => not found");
  }

  @Test
  void theLibraryPathOfThePolicysEnvironmentIsSearched() throws Exception {
    Path library = library(top.resolve("mine/libf.so"));
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString());

    assertThat(libraries(PolicySketch.of(program).environment("LD_LIBRARY_PATH", "/none;" + top + "/mine").resolve()))
        .contains(library.toString());
    assertThatThrownBy(() -> PolicySketch.of(program).environment("LD_LIBRARY_PATH", "mine").resolve())
        .hasMessageContaining("needs libf.so, which was not found");
  }

  @Test
  void aLibraryThatIsNamedByItsPathIsTakenFromThere() throws Exception {
    Path library = Tool.gcc(top.resolve("libf.so"), F, "-shared", "-fPIC");
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString());

    assertThat(libraries(PolicySketch.of(program).resolve())).isEqualTo(ldd(program)).contains(library.toString());
    Files.delete(library);
    assertThatThrownBy(() -> PolicySketch.of(program).resolve()).hasMessage("policy.yaml:2:3: program.path: " + program
        + " needs " + library + ", which was not found; looked in " + library);
  }

  @Test
  void aNameThatWouldForgeALineIsShownHarmless() throws Exception {
    Path library = Tool.gcc(top.resolve("libf.so"), F, "-shared", "-fPIC", "-Wl,-soname,evil\nname\u202e.so");
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString());

    assertThatThrownBy(() -> PolicySketch.of(program).resolve())
        .hasMessageMatching("policy.yaml:2:3: program.path: /\\S+/evil\\?name.*: a path with a control character in it is refused");
  }

  @Test
  void aLibraryForAnotherMachineIsPassedOver() throws Exception {
    Path library = library(top.resolve("right/libf.so"));
    Path wrong = Files.copy(library, Files.createDirectory(top.resolve("wrong")).resolve("libf.so"));
    byte[] bytes = Files.readAllBytes(wrong);
    bytes[18] = (byte) 243;
    bytes[19] = 0;
    Files.write(wrong, bytes);
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString(), "-Wl,-rpath," + top + "/wrong:" + top + "/right");

    assertThat(libraries(PolicySketch.of(program).resolve())).contains(library.toString()).doesNotContain(wrong.toString());
  }

  @Test
  void aDamagedLibraryIsAnError() throws Exception {
    Path library = library(top.resolve("libf.so"));
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString(), "-Wl,-rpath," + top);
    Files.write(library, Arrays.copyOf(Files.readAllBytes(library), 60));

    assertThatThrownBy(() -> PolicySketch.of(program).resolve())
        .hasMessage("policy.yaml:2:3: program.path: " + library + ": damaged ELF file: it ends within its ELF header");
  }

  @Test
  void oneFileUnderTwoNamesIsShownUnderBoth() throws Exception {
    Path library = library(top.resolve("libf.so"));
    Path program = Tool.gcc(top.resolve("program"), CALLS_F, library.toString(), "-Wl,-rpath," + top);
    Path file = Files.move(library, top.resolve("libf-1.0.so"), StandardCopyOption.ATOMIC_MOVE);
    link(library, "libf-1.0.so");

    ResolvedPolicy resolved = PolicySketch.of(program).resolve();

    assertThat(libraries(resolved)).contains(file.toString());
    assertThat(resolved.view()).contains(new Link(library.toString(), "libf-1.0.so"));
  }

  @Test
  void aMissingInterpreterIsNamed() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING, "-Wl,--dynamic-linker=/nowhere/ld.so");

    assertThatThrownBy(() -> PolicySketch.of(program).resolve())
        .hasMessage("policy.yaml:2:3: program.path: " + program
            + " needs the ELF interpreter /nowhere/ld.so: /nowhere/ld.so does not exist: there is no /nowhere");
  }

  @Test
  void aRelativeInterpreterIsRefused() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING, "-Wl,--dynamic-linker=ld.so");

    assertThatThrownBy(() -> PolicySketch.of(program).resolve())
        .hasMessageEndingWith(program + " names the ELF interpreter 'ld.so', which is not absolute");
  }

  @Test
  void theLoadersOfTheDistributionsAreToldApartByTheirDirectory() {
    LoaderLayout debian = LoaderLayout.of("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", Machine.X86_64);
    assertThat(debian.lib()).isEqualTo("lib/x86_64-linux-gnu");
    assertThat(debian.directories())
        .containsExactly("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib");
    assertThat(LoaderLayout.of("/usr/lib64/ld-linux-aarch64.so.1", Machine.AARCH64).directories())
        .containsExactly("/lib64", "/usr/lib64");
    assertThat(LoaderLayout.of("/usr/lib/ld-linux-x86-64.so.2", Machine.X86_64).directories())
        .containsExactly("/lib", "/usr/lib");
    assertThat(LoaderLayout.of("/nix/store/x-glibc/lib/ld-linux-x86-64.so.2", Machine.X86_64).directories())
        .startsWith("/nix/store/x-glibc/lib", "/lib/x86_64-linux-gnu")
        .contains("/lib", "/usr/lib", "/lib64", "/usr/lib64");
  }

  @Test
  void tokensAreReplacedInBothFormsAndNothingElseIs() {
    LoaderLayout layout = new LoaderLayout("lib64", "x86_64", List.of());

    assertThat(SearchPath.expand("$ORIGIN/${LIB}x/$PLATFORM$/$HOME/${ORIGINS}", "/o", layout))
        .isEqualTo("/o/lib64x/x86_64$/$HOME/${ORIGINS}");
    assertThat(SearchPath.directories("$ORIGIN/a::b:/c:$LIB", ":", "/o", layout)).containsExactly("/o/a", "/c");
  }

  private static Path library(Path file) throws Exception {
    return Tool.gcc(file, F, "-shared", "-fPIC", "-Wl,-soname," + file.getFileName());
  }

  private static void link(Path link, String target) throws IOException {
    Files.createSymbolicLink(link, Path.of(target));
  }

  private static List<String> paths(ResolvedPolicy resolved) {
    return resolved.view().stream().map(ViewEntry::path).toList();
  }

  private static final Set<MountUse> LIBRARIES = Set.of(MountUse.INTERPRETER, MountUse.LIBRARY);

  private static Set<String> libraries(ResolvedPolicy resolved) {
    Set<String> libraries = new TreeSet<>();
    for (ViewEntry entry : resolved.view()) {
      if (entry instanceof Mount mount && LIBRARIES.contains(mount.use()) && !mount.path().endsWith("ld.so.cache")) {
        libraries.add(mount.host().toString());
      }
    }
    return libraries;
  }

  /** The real paths of all that ldd prints, the vDSO left out, which is no file. */
  private static Set<String> ldd(Path program) throws Exception {
    Tool.require("ldd");
    Set<String> libraries = new TreeSet<>();
    Matcher line = Pattern.compile("^\\s+(?:\\S+ => )?(/\\S+) \\(0x", Pattern.MULTILINE)
        .matcher(Tool.run(List.of("ldd", program.toString())).output());
    while (line.find()) {
      libraries.add(Path.of(line.group(1)).toRealPath().toString());
    }
    assertThat(libraries).isNotEmpty();
    return libraries;
  }

  /** Copies a view into a directory. */
  private Path build(ResolvedPolicy resolved) throws IOException {
    Path root = Files.createDirectory(top.resolve("root"));
    for (ViewEntry entry : resolved.view()) {
      Path place = root.resolve(entry.path().substring(1));
      if (entry instanceof Link link) {
        link(place, link.target());
      } else if (entry instanceof Mount mount) {
        Files.copy(mount.host(), place);
      } else {
        Files.createDirectory(place);
      }
    }
    return root;
  }

  /** Lets the loader of a view list what it loads, in a root that is the copy of the view. */
  private Tool.Result trace(Path root, ResolvedPolicy resolved) throws Exception {
    // Not chroot(1): it is dynamically linked itself, so the loader would list the libraries of chroot.
    Path enter = Tool.gcc(top.resolve("enter"), """
        #include <unistd.h>
        int main(int argc, char **argv) {
          char *arguments[] = {argv[2], 0};
          char *environment[] = {"LD_TRACE_LOADED_OBJECTS=1", argv[3], 0};
          if (chroot(argv[1]) || chdir("/")) return 125;
          execve(argv[2], arguments, environment);
          return 126;
        }
        """, "-D_GNU_SOURCE");
    List<String> command = new ArrayList<>();
    if (!"root".equals(System.getProperty("user.name"))) {
      Tool.require("unshare");
      command.addAll(List.of("unshare", "--user", "--map-root-user"));
      assumeTrue(Tool.run(Stream.concat(command.stream(), Stream.of("true")).toList()).status() == 0,
          "an ordinary user cannot make a user namespace here");
    }
    command.addAll(List.of(enter.toString(), root.toString(), resolved.program().viewPath()));
    resolved.program().origin().ifPresent(origin -> command.add("LD_ORIGIN_PATH=" + origin));
    return Tool.run(command);
  }

  /** JUnit warns of every link out of the directory that it deletes. */
  @AfterEach
  void removeTheLinksOfTheRoot() throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }
}
