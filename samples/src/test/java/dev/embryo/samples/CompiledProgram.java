package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Programs in C that a test writes, made by the system's compiler where a sandbox of any user finds them. */
final class CompiledProgram {
  private CompiledProgram() {}

  /**
   * Compiles a program.
   *
   * @param directory where it goes; it is opened for others
   * @param options for the compiler, such as libraries
   */
  static Path of(Path directory, String name, String source, String... options) throws IOException, InterruptedException {
    letOthersIn(directory);
    var text = Files.writeString(directory.resolve(name + ".c"), source);
    var program = directory.resolve(name);
    var command = new ArrayList<>(List.of(
        "gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-std=gnu11", "-o", program.toString(), text.toString()));
    command.addAll(List.of(options));
    var compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    compiler.getOutputStream().close();
    String said = new String(compiler.getInputStream().readAllBytes(), UTF_8);
    assertThat(compiler.waitFor()).as("the compiler said: %s", said).isZero();
    letOthersIn(program);
    return program;
  }

  static void letOthersIn(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
