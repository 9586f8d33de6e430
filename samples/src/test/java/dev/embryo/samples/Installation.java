package dev.embryo.samples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tarball, unpacked. Its command runs with the JDK of the test, with nothing else of its environment but the path. */
record Installation(Path home) {
  private static final Path PACKED = Path.of("../launcher/dist/target");

  /** How a command ended, and what it said. */
  record Answer(int status, String output, String errors) {}

  /** Unpacks it into a folder, which everybody may look into. */
  static Installation unpackedInto(Path folder) throws IOException, InterruptedException {
    var tarball = tarball();
    openToAll(folder);
    var unpacking = new ProcessBuilder("tar", "-xzf", tarball.toString(), "-C", folder.toString(), "--no-same-owner")
        .inheritIO().start();
    if (unpacking.waitFor() != 0) {
      throw new IOException("cannot unpack " + tarball);
    }
    try (var unpacked = Files.list(folder)) {
      return new Installation(unpacked.toList().get(0));
    }
  }

  /** {@code mvn test} packs nothing; {@code mvn package} and all that comes later does. */
  static Path tarball() throws IOException {
    assumeTrue(Files.isDirectory(PACKED), "launcher/dist is not packed");
    try (var packed = Files.newDirectoryStream(PACKED, "embryo-*.tar.gz")) {
      var tarballs = packed.iterator();
      assumeTrue(tarballs.hasNext(), "launcher/dist is not packed");
      return tarballs.next().toAbsolutePath().normalize();
    }
  }

  static void openToAll(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  Path file(String name) {
    return home.resolve(name);
  }

  /** The command, to be started; its archive is kept in a folder, or nowhere if that is empty. */
  ProcessBuilder command(String archives, Object... arguments) {
    var words = new ArrayList<>(List.of(file("bin/embryo").toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(words::add);
    return inEnvironment(new ProcessBuilder(words), archives);
  }

  static ProcessBuilder inEnvironment(ProcessBuilder builder, String archives) {
    var path = builder.environment().get("PATH");
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("EMBRYO_CACHE", archives);
    return builder;
  }

  /** Runs something to its end, with nothing on its standard input. What it says must fit into a pipe. */
  static Answer answer(ProcessBuilder builder) throws IOException, InterruptedException {
    var process = builder.redirectInput(new File("/dev/null")).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), output, errors);
  }
}
