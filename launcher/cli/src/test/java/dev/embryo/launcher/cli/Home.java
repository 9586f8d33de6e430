package dev.embryo.launcher.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * An installed Embryo, as the tarball unpacks it: {@code bin/embryo} of this checkout over the classes under test, which a
 * jar without content names.
 */
final class Home {
  private final Path directory;

  private Home(Path directory) {
    this.directory = directory;
  }

  /** Installs one. */
  static Home in(Path directory) throws IOException {
    var bin = Files.createDirectories(directory.resolve("bin"));
    var lib = Files.createDirectories(directory.resolve("lib"));
    for (String name : List.of("embryo", "common.sh", "archive.sh")) {
      Files.copy(Path.of("../bin", name), bin.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH,
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toUri().toString()).collect(Collectors.joining(" ")));
    new JarOutputStream(Files.newOutputStream(lib.resolve("all.jar")), manifest).close();
    return new Home(directory);
  }

  /** The command as a shell would call it. */
  String command() {
    return directory.resolve("bin/embryo").toString();
  }

  /** A policy file with this text behind its first two lines. */
  Path policy(String text) throws IOException {
    var file = Files.createTempFile(directory, "policy", ".yaml",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    return Files.writeString(file, "policy: embryo/v1\nname: test\n" + text);
  }

  /** A policy under which the shell executes a script; it inherits all three standard streams. */
  Path script(String script) throws IOException {
    return policy("""
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        %scapabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
        """.formatted(script.indent(6)));
  }

  /** The command, to be started. */
  ProcessBuilder process(Object... arguments) {
    return builder(words(command(), arguments));
  }

  /** A shell command line, in which {@code $0} is the command and {@code $1} to {@code $9} the arguments. */
  ProcessBuilder shell(String line, Object... arguments) {
    var words = new ArrayList<>(List.of("sh", "-c", line));
    words.addAll(words(command(), arguments));
    return builder(words);
  }

  /** Of a command that no signal is ignored for: who starts the suite in a background ignores SIGINT, and that is inherited. */
  static ProcessBuilder builder(List<String> command) {
    var words = new ArrayList<>(List.of("env", "--default-signal"));
    words.addAll(command);
    return new ProcessBuilder(words);
  }

  private static List<String> words(String first, Object... others) {
    var words = new ArrayList<>(List.of(first));
    Arrays.stream(others).map(Object::toString).forEach(words::add);
    return words;
  }

  /** How a command ended, and what it said. */
  record Outcome(int status, String output, String errors) {}

  /** Runs the command to its end, with nothing on its standard input. */
  Outcome run(Object... arguments) throws IOException, InterruptedException {
    return outcome(process(arguments).redirectInput(new File("/dev/null")));
  }

  /** Runs something to its end. What it writes to its errors must fit into a pipe. */
  static Outcome outcome(ProcessBuilder builder) throws IOException, InterruptedException {
    var process = builder.start();
    String output = text(process.getInputStream());
    String errors = text(process.getErrorStream());
    return new Outcome(process.waitFor(), output, errors);
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }
}
