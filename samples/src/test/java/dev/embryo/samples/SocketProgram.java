package dev.embryo.samples;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A program that holds its standard streams and one socket. */
record SocketProgram(Path directory, String capability) {
  /** Compiles it, into a directory in which everybody may make sockets. */
  static SocketProgram of(Path directory, String capability, String source) throws Exception {
    CompiledProgram.of(directory, "program", source);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    return new SocketProgram(directory, capability);
  }

  /** Starts it, with its arguments and what its socket is as a policy writes them. */
  SandboxedProcess launch(String arguments, String socket) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program: {path: program, arguments: [%s]}
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
          %s: %s
        """.formatted(arguments, capability, socket), directory)).build().launch();
  }
}
