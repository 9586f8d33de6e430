package dev.embryo.samples;

import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.launcher.Stdio;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * One capability of a kind, with what stands behind it on the host: a file, a peer, a pipe. The program finds it at descriptor 3.
 * Closing it gives back what it took of the host.
 */
final class GrantedThing implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int F_SETFD = 2;
  private static final String CONTENT = "0123456789";

  /** What the host does when the program runs. */
  private interface Peer {
    void serve(SandboxedProcess process) throws IOException;
  }

  /** What is inherited or passed. */
  enum Backing {
    FILE, PIPE, LISTENER, STREAM, DATAGRAM
  }

  private final List<AutoCloseable> held = new ArrayList<>();
  private final Path file;
  private String capability = "";
  private String parameters = "";
  private Stdio passed = Stdio.NULL;
  private Peer peer = process -> {};

  private GrantedThing(Path directory) throws IOException {
    file = directory.resolve("file");
    Files.writeString(file, CONTENT);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  /** @param backing what it is, if that is for the test to choose */
  static GrantedThing of(String kind, Backing backing, String rights, Path directory) throws IOException {
    var thing = new GrantedThing(directory);
    try {
      thing.make(kind, backing, rights, directory);
      return thing;
    } catch (IOException | RuntimeException failure) {
      thing.close();
      throw failure;
    }
  }

  private void make(String kind, Backing backing, String rights, Path directory) throws IOException {
    capability = "{" + switch (kind) {
      case "file" -> "file: \"" + file + "\"";
      case "null" -> "null: true";
      case "memory" -> "memory: 64KiB";
      case "pipe" -> pipe(rights);
      case "inherit" -> "inherit: " + inheritable(open(backing, rights, directory)).number();
      case "descriptor" -> passed(open(backing, rights, directory));
      case "listen" -> "listen: \"unix:" + listening(directory.resolve("listener")) + '"';
      case "listen-datagrams" -> "listen: \"udp:127.0.0.1:0\"";
      case "connect" -> "connect: \"unix:" + server(directory) + '"';
      case "connect-datagrams" -> "connect: \"udp:127.0.0.1:" + datagrams() + '"';
      default -> throw new IllegalArgumentException(kind);
    } + ", rights: " + rights + ", fd: 3}";
  }

  /** Whether something is open for writing, by what the words of its rights say. */
  private static boolean writes(String rights) {
    return !Collections.disjoint(words(rights), Set.of("write", "append", "truncate", "allocate", "map-write"));
  }

  private static Set<String> words(String rights) {
    return Set.of(rights.replaceAll("[{].*?[}]|[\\[\\], ]+", " ").strip().split(" +"));
  }

  private String pipe(String rights) {
    if (!writes(rights)) {
      peer = process -> process.outputTo("it").write("ab".getBytes(StandardCharsets.UTF_8));
    }
    return "pipe: true";
  }

  private Fd open(Backing backing, String rights, Path directory) throws IOException {
    return hold(switch (backing) {
      case FILE -> Fd.open(file.toString(), mode(rights));
      case PIPE -> end(FdPair.pipe(), !writes(rights));
      case STREAM -> end(FdPair.stream(), true);
      case LISTENER -> listener(directory.resolve("listener"));
      case DATAGRAM -> datagramSocket();
    });
  }

  private static int mode(String rights) {
    var mode = !writes(rights) ? Constant.O_RDONLY : words(rights).contains("read") ? Constant.O_RDWR : Constant.O_WRONLY;
    return mode.asInt() | (words(rights).contains("append") ? Constant.O_APPEND.asInt() : 0);
  }

  /** One end; in the other there is something to read. */
  private Fd end(FdPair pair, boolean first) throws LinuxException {
    hold(pair.first());
    hold(pair.second());
    if (first) {
      Libc.write(pair.second().number(), Libc.address(Libc.allocate(2)), 2);
    }
    return first ? pair.first() : pair.second();
  }

  private Fd listener(Path path) throws IOException {
    var name = path.toString().getBytes(StandardCharsets.UTF_8);
    var socket = socket(AF_UNIX, SOCK_STREAM);
    call("bind", socket, address(AF_UNIX, 2 + name.length + 1).put(2, name));
    LinuxException.check("listen", Libc.syscall(SystemCalls.number("listen"), socket.number(), 5, 0, 0, 0, 0));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    connectTo(path);
    return socket;
  }

  private Fd datagramSocket() throws IOException {
    var socket = socket(AF_INET, SOCK_DGRAM);
    int port = datagrams();
    call("connect", socket, address(AF_INET, 16).put(2, (byte) (port >> 8)).put(3, (byte) port).put(4, (byte) 127).put(7, (byte) 1));
    return socket;
  }

  private Fd socket(int family, int type) throws LinuxException {
    return hold(Fd.own((int) LinuxException.check("socket",
        Libc.syscall(SystemCalls.number("socket"), family, type | SOCK_CLOEXEC, 0, 0, 0, 0))));
  }

  private static ByteBuffer address(int family, int length) {
    return Libc.allocate(length).order(ByteOrder.nativeOrder()).putShort(0, (short) family);
  }

  private static void call(String name, Fd socket, ByteBuffer address) throws LinuxException {
    LinuxException.check(name,
        Libc.syscall(SystemCalls.number(name), socket.number(), Libc.address(address), address.capacity(), 0, 0, 0));
  }

  /** Somebody connects when the program runs. */
  private void connectTo(Path path) {
    held.add(() -> Files.deleteIfExists(path));
    peer = process -> hold(SocketChannel.open(UnixDomainSocketAddress.of(path)));
  }

  private Path listening(Path path) {
    connectTo(path);
    return path;
  }

  private static Fd inheritable(Fd descriptor) throws LinuxException {
    LinuxException.check("let a descriptor be inherited", Libc.fcntl(descriptor.number(), F_SETFD, 0));
    return descriptor;
  }

  private String passed(Fd descriptor) {
    parameters = "parameters: {it: {descriptor: true}}";
    passed = Stdio.descriptor(descriptor);
    return "descriptor: \"${it}\"";
  }

  private Path server(Path directory) throws IOException {
    var path = directory.resolve("server");
    var server = hold(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    held.add(() -> Files.deleteIfExists(path));
    server.bind(UnixDomainSocketAddress.of(path));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    peer = process -> hold(server.accept()).write(ByteBuffer.wrap("ab".getBytes(StandardCharsets.UTF_8)));
    return path;
  }

  private int datagrams() throws IOException {
    return hold(new DatagramSocket(0, InetAddress.getLoopbackAddress())).getLocalPort();
  }

  private <T extends AutoCloseable> T hold(T resource) {
    held.add(resource);
    return resource;
  }

  ProbePolicy in(ProbePolicy policy) {
    var with = policy.capability("it: " + capability);
    return parameters.isEmpty() ? with : with.section(parameters);
  }

  Sandbox.Builder in(Sandbox.Builder builder) {
    return parameters.isEmpty() ? builder : builder.descriptor("it", passed);
  }

  /** Does the host's part. A program that was refused its own may have ended before. */
  void meet(SandboxedProcess process) {
    try {
      peer.serve(process);
    } catch (IOException ended) {
      return;
    }
  }

  /** Whether the file is as it was. */
  boolean isUnchanged() throws IOException {
    return Files.readString(file).equals(CONTENT)
        && PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).equals("rw-rw-rw-");
  }

  @Override
  public void close() throws IOException {
    Collections.reverse(held);
    for (AutoCloseable each : held) {
      try {
        each.close();
      } catch (IOException | RuntimeException failure) {
        throw failure;
      } catch (Exception impossible) {
        throw new IOException(impossible);
      }
    }
  }
}
