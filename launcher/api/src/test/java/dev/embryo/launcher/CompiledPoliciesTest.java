package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compiled policies are kept as long as the host is what they were compiled for, and not a moment longer. */
@Timeout(60)
class CompiledPoliciesTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir
  private Path directory;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private Sandbox.Builder policy(String text) throws IOException {
    return Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\n" + text, directory));
  }

  /** Builds until the result is kept: not while a file that it depends on is younger than the resolver trusts. */
  private static CompiledPolicy kept(Sandbox.Builder builder) throws IOException {
    var last = builder.build().compiled();
    for (var next = builder.build().compiled(); next != last; next = builder.build().compiled()) {
      last = next;
    }
    return last;
  }

  private Path program(String name, String of) throws IOException {
    var file = Files.copy(Path.of(of), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void whatIsBuiltAgainIsNotCompiledAgain() throws Exception {
    var builder = policy("program: {path: /bin/true}\n");
    var kept = kept(builder);
    assertThat(builder.build().compiled()).isSameAs(kept);
    assertThat(builder.build().run(LONG).isSuccess()).isTrue();
  }

  @Test
  void aGrantedFileThatWasReplacedIsLookedUpAgain() throws Exception {
    var file = Launches.file(directory, "data", "old\n");
    var builder = policy("program: {path: /bin/cat}\ncapabilities: {stdin: {file: data}, stdout: {inherit: 1, rights: write}}\n");
    var kept = kept(builder);
    Files.writeString(file, "changed\n");
    assertThat(builder.build().compiled()).as("its content does not matter").isSameAs(kept);
    Files.move(file, directory.resolve("away"));
    Launches.file(directory, "data", "new\n");
    assertThat(builder.build().run(LONG).outputText()).isEqualTo("new\n");
  }

  @Test
  void aLinkThatLeadsElsewhereNowIsFollowedAgain() throws Exception {
    program("one", "/bin/true");
    program("two", "/bin/false");
    var link = Files.createSymbolicLink(directory.resolve("program"), Path.of("one"));
    var builder = policy("program: {path: program}\n");
    kept(builder);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("two"));
    assertThat(builder.build().run(LONG).status().shellStatus()).isEqualTo(1);
  }

  @Test
  void aProgramThatWasChangedInPlaceIsReadAgain() throws Exception {
    var program = program("program", "/bin/true");
    var builder = policy("program: {path: program}\n");
    var kept = kept(builder);
    Files.write(program, Files.readAllBytes(Path.of("/bin/false")), StandardOpenOption.TRUNCATE_EXISTING);
    var sandbox = builder.build();
    assertThat(sandbox.compiled()).isNotSameAs(kept);
    assertThat(sandbox.run(LONG).status().shellStatus()).isEqualTo(1);
  }

  @Test
  void aLibraryThatAppearsWhereItIsLookedForFirstIsFound() throws Exception {
    var libraries = Files.createDirectory(directory.resolve("lib"));
    Files.setPosixFilePermissions(libraries, PosixFilePermissions.fromString("rwxr-xr-x"));
    var builder = policy("program: {path: /bin/true, environment: {LD_LIBRARY_PATH: " + libraries + "}}\n");
    var kept = kept(builder);
    var libc = Files.list(Path.of("/proc/self/map_files")).map(CompiledPoliciesTest::target)
        .filter(path -> path.endsWith("libc.so.6")).findFirst().orElseThrow();
    Files.copy(libc, libraries.resolve("libc.so.6"));
    assertThat(builder.build().compiled().resolved().view()).isNotEqualTo(kept.resolved().view())
        .anyMatch(entry -> entry.path().equals(libraries.resolve("libc.so.6").toString()));
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException gone) {
      return link;
    }
  }

  @Test
  void aProgramThatIsGoneIsAnError() throws Exception {
    var program = program("program", "/bin/true");
    var builder = policy("program: {path: program}\n");
    kept(builder);
    Files.delete(program);
    assertThatThrownBy(builder::build).hasMessageContaining("does not exist");
  }

  @Test
  void otherNamesInABusyDirectoryDoNotMatter() throws Exception {
    program("program", "/bin/true");
    var builder = policy("program: {path: program}\n");
    var kept = kept(builder);
    Files.writeString(directory.resolve("log"), "more\n");
    assertThat(builder.build().compiled()).isSameAs(kept);
  }

  @Test
  void aSandboxThatIsOutOfDateStaysSoAndTheNextIsNot() throws Exception {
    var file = Launches.file(directory, "data", "old\n");
    var builder = policy("program: {path: /bin/cat}\ncapabilities: {stdin: {file: data}, stdout: {inherit: 1, rights: write}}\n");
    kept(builder);
    var sandbox = builder.build();
    Files.move(file, directory.resolve("away"));
    Launches.file(directory, "data", "new\n");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(sandbox::launch).isInstanceOf(LinuxException.class).hasMessageContaining("ESTALE");
    }
    assertThat(sandbox.toBuilder().build().run(LONG).outputText()).isEqualTo("new\n");
  }

  @Test
  void manyThreadsThatBuildTheSameAllGetWhatRuns() throws Exception {
    var builder = policy("program: {path: /bin/true}\n");
    var threads = Executors.newFixedThreadPool(8);
    try {
      var builds = new ArrayList<Callable<Boolean>>();
      var text = builder.build().compiled().policy();
      IntStream.range(0, 64).forEach(i ->
          builds.add(() -> Sandbox.builder().policy(text).build().run(LONG).isSuccess()));
      for (var result : threads.invokeAll(builds)) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void onlySoManyAreKeptAndTheLeastUsedGoesFirst() throws Exception {
    var compiled = policy("program: {path: /bin/true}\n").build().compiled();
    var cache = new CompiledPolicies();
    var asked = new ArrayList<Boolean>();
    CompiledPolicies.Compilation compilation = observing -> {
      asked.add(observing);
      return new CompiledPolicies.Compiled(compiled, Optional.empty());
    };
    for (int i = 0; i < CompiledPolicies.CAPACITY; i++) {
      cache.get(source(i), Set.of(), compilation);
    }
    cache.get(source(0), Set.of(), compilation);
    cache.get(source(CompiledPolicies.CAPACITY), Set.of(), compilation);
    asked.clear();
    cache.get(source(0), Set.of(), compilation);
    cache.get(source(1), Set.of(), compilation);
    assertThat(asked).as("known, and forgotten").containsExactly(true, false);
  }

  private PolicySource source(int argument) throws IOException {
    return PolicySource.NONE.with(Policies.parse("policy: embryo/v1\nname: test\nprogram: {path: /bin/true}\n", directory))
        .withArguments(List.of("argument " + argument));
  }

  @Test
  void theSameTextReadAgainIsTheSamePolicyAndOtherValuesAreNot() throws Exception {
    String text = "program: {path: /bin/echo, arguments: [\"${word}\"]}\nparameters: {word: {matches: \"[a-z]+\"}}\n"
        + Launches.STREAMS;
    var one = kept(policy(text).parameter("word", "one"));
    assertThat(policy(text).parameter("word", "one").build().compiled()).isSameAs(one);
    assertThat(policy(text).parameter("word", "two").build().run(LONG).outputText()).isEqualTo("two\n");
    assertThat(policy(text).parameter("word", "one").build().run(LONG).outputText()).isEqualTo("one\n");
  }
}
