package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a launch may vary reaches the program, and what it may not vary does not. */
class BindingTest {

  private Path directory;

  @BeforeEach
  void letOthersIn(@TempDir Path made) throws IOException {
    directory = made.toRealPath();
    open(directory);
    open(Files.createDirectory(directory.resolve("photos")));
    Launches.file(directory.resolve("photos"), "cat", "a cat\n");
    Launches.file(directory, "secret", "a secret\n");
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private Sandbox.Builder builder(String text) throws PolicyException {
    return Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\n" + text, directory));
  }

  private static final String ECHO = """
      program:
        path: /bin/echo
        arguments: ["<${word}>", "$${word}"]
        extra-arguments: {max: 2, matches: "[a-z ]+"}
      parameters: {word: {matches: "[a-z $]*", default: none}}
      """ + Launches.STREAMS;

  private static final String CAT = """
      program: {path: /bin/cat}
      parameters: {photo: {file: {under: photos}}}
      capabilities:
        stdin: {file: "${photo}"}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
      """;

  private static final String MOUNTED = """
      program: {path: /bin/cat, arguments: [/in/cat]}
      parameters: {album: {directory: {under: .}}}
      capabilities:
        in: {directory: "${album}", mount: /in}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
      """;

  @Test
  void aValueIsOneArgumentWhateverItHolds() throws Exception {
    assertThat(Launches.output(builder(ECHO).parameter("word", "a  b $ c").build())).isEqualTo("<a  b $ c> ${word}\n");
    assertThat(Launches.output(builder(ECHO).build())).isEqualTo("<none> ${word}\n");
  }

  @Test
  void extraArgumentsComeBehindThePolicys() throws Exception {
    assertThat(Launches.output(builder(ECHO).arguments(List.of("x y", "z")).build())).isEqualTo("<none> ${word} x y z\n");
    assertThatThrownBy(() -> builder(ECHO).arguments(List.of("-n")).build())
        .hasMessage("policy:6:20: program.extra-arguments: '-n' does not match [a-z ]+");
  }

  @Test
  void theFileThatALaunchNamesIsTheOneThatTheProgramGets() throws Exception {
    assertThat(Launches.output(builder(CAT).parameter("photo", "cat").build())).isEqualTo("a cat\n");
    assertThat(Launches.output(builder(CAT).parameter("photo", directory + "/photos/cat").build())).isEqualTo("a cat\n");
  }

  @Test
  void aFileOutsideTheBoundIsNotGiven() throws Exception {
    Files.createSymbolicLink(directory.resolve("photos/link"), Path.of("../secret"));

    assertThatThrownBy(() -> builder(CAT).parameter("photo", "../secret").build())
        .hasMessage("policy:4:14: parameters.photo: '../secret' holds '..'");
    assertThatThrownBy(() -> builder(CAT).parameter("photo", "link").build()).hasMessage("policy:6:3: capabilities.stdin: "
        + directory + "/photos/link leads out of " + directory + "/photos by a symbolic link");
  }

  @Test
  void aDirectoryThatALaunchNamesIsMounted() throws Exception {
    assertThat(Launches.output(builder(MOUNTED).parameter("album", "photos").build())).isEqualTo("a cat\n");
  }

  @Test
  void aDirectoryThatIsSwappedForALinkAfterItWasCheckedIsNotMounted() throws Exception {
    var sandbox = builder(MOUNTED).parameter("album", "photos").build();
    Files.move(directory.resolve("photos"), directory.resolve("moved"));
    Files.createSymbolicLink(directory.resolve("photos"), directory);

    assertThatThrownBy(sandbox::launch).isInstanceOf(IOException.class).hasMessageContaining("photos");
  }

  @Test
  void aFileThatIsSwappedForALinkAfterItWasCheckedIsNotOpened() throws Exception {
    var sandbox = builder(CAT).parameter("photo", "cat").build();
    Files.delete(directory.resolve("photos/cat"));
    Files.createSymbolicLink(directory.resolve("photos/cat"), directory.resolve("secret"));

    assertThatThrownBy(sandbox::launch).isInstanceOf(IOException.class).hasMessageContaining("photos/cat");
  }

  @Test
  void variablesAreInheritedByNameAndNoOthers() throws Exception {
    String env = "program: {path: /usr/bin/env, environment: {A: b, inherit: [PATH, NO_SUCH_VARIABLE]}}\n" + Launches.STREAMS;

    assertThat(Launches.output(builder(env).build())).isEqualTo("A=b\nPATH=" + System.getenv("PATH") + "\n");
  }

  @Test
  void aBoundPolicyIsLaunchedAsItIs() throws Exception {
    var policy = Policies.parse("policy: embryo/v1\nname: test\n" + ECHO, directory)
        .bind(new Binding(Map.of("word", "bound"), List.of(), Map.of(), Map.of()));

    assertThat(Launches.output(Sandbox.builder().policy(policy).build())).isEqualTo("<bound> ${word}\n");
    assertThatThrownBy(() -> Sandbox.builder().policy(policy).parameter("word", "x").build())
        .isInstanceOf(IllegalStateException.class);
  }
}
