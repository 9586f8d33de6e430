package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Programs for embryos to become. */
final class Program {
  private Program() {}

  /** Opens a program of the host. */
  static Fd open(String path) throws IOException {
    return Fd.open(path, Constant.O_PATH.asInt());
  }

  /** Loads a shell command. */
  static void shell(Embryo embryo, String command) throws IOException {
    try (Fd shell = open("/bin/sh")) {
      embryo.load(shell, List.of("sh", "-c", command), Map.of("PATH", "/usr/bin:/bin"));
    }
  }

  /** What a shell command writes, when the embryo has become it; standard output is its only descriptor. */
  static String outputOf(Embryo embryo, String command) throws Exception {
    shell(embryo, command);
    return output(embryo);
  }

  /** What the loaded program writes. */
  static String output(Embryo embryo) throws Exception {
    var pipe = FdPair.pipe();
    try (Fd writeEnd = pipe.second()) {
      embryo.setFd(writeEnd, 1);
    }
    try (var output = new PipeInputStream(pipe.first()); var process = embryo.start()) {
      var text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return text;
    }
  }

  /**
   * The native stub as a program: static, so that it runs in an empty root too, and it makes any system call that it is
   * asked to make. It begins by closing all descriptors but number 0.
   */
  record Probe(RunningProcess process, FdPair sockets) implements AutoCloseable {
    static Fd image() throws IOException {
      String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
      try (var stub = Program.class.getResourceAsStream("/dev/embryo/runtime/native/embryo-" + machine)) {
        return Memfd.executable("probe", stub.readAllBytes());
      }
    }

    static Probe start(Embryo embryo) throws IOException {
      var sockets = FdPair.packets();
      try (Fd image = image()) {
        embryo.setFd(sockets.second(), 0);
        embryo.load(image, List.of("probe"), Map.of());
        return new Probe(embryo.start(), sockets);
      } catch (IOException failure) {
        sockets.close();
        throw failure;
      } finally {
        sockets.second().close();
      }
    }

    /** The result of the last call that the fragment makes, or -errno. */
    long call(Fragment fragment) throws IOException {
      var program = BirthProgram.builder();
      fragment.addTo(program);
      var socket = new ControlSocket(sockets.first());
      socket.send(program.buildSurvivingFailure(), new int[0]);
      var reply = socket.receiveReply("it");
      return reply.error() != 0 ? -reply.error() : reply.results().get(reply.results().size() - 1);
    }

    long call(String name, Object... arguments) throws IOException {
      return call(program -> program.call(name, arguments));
    }

    @Override
    public void close() throws IOException {
      process.close();
      sockets.close();
    }
  }
}
