package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * What a descriptor is that a policy leaves to the launch: a standard stream (a capability {@code inherit: 0}, {@code 1} or
 * {@code 2}), or a parameter of kind {@code descriptor}. It is for a {@link Sandbox} what {@link ProcessBuilder.Redirect} is
 * for a {@link ProcessBuilder}.
 *
 * <p>It never gives a program more than its policy does: a stream that the policy does not name holds the null device,
 * whatever is chosen here, and one that it names is open for reading or for writing only, even where the policy says both.
 * Files are opened, and created, by this JVM and with its authority, at each launch.
 *
 * <p>Immutable and thread-safe.
 */
public final class Stdio {
  /** Makes the program's descriptor. */
  @FunctionalInterface
  private interface Opening {
    Fd open(Place place, DescriptorSlot slot, Ends ends) throws IOException;
  }

  /** Takes hold of a process. */
  private interface Holding {
    HeldProcess hold() throws IOException;
  }

  /** Where it can stand. */
  private enum Use {
    /** Where the program reads. */
    INPUT,
    /** Where the program writes. */
    OUTPUT,
    /** Where the program does one of both. */
    ONE_WAY,
    /** Anywhere. */
    ANY,
    /** Where the program writes, as a standard stream. */
    STANDARD_OUTPUT,
    /** Where the policy has a process. */
    PROCESS
  }

  /**
   * A new pipe, whose other end is {@link SandboxedProcess#getOutputStream()}, {@link SandboxedProcess#getInputStream()}
   * or {@link SandboxedProcess#getErrorStream()}; of a parameter, {@link SandboxedProcess#outputTo} or
   * {@link SandboxedProcess#inputFrom}. This is what a standard stream is unless something else is said.
   */
  public static final Stdio PIPE =
      new Stdio("a pipe", Use.ONE_WAY, false, (place, slot, ends) -> ends.pipe(place));

  /** The JVM's own descriptor of that number, narrowed to the rights of the policy; for standard streams. */
  public static final Stdio INHERIT = new Stdio("inherited", Use.ANY, false, (place, slot, ends) -> {
    throw new AssertionError("each capability inherits for itself");
  });

  /** The null device: nothing comes in, and what goes out is dropped. */
  public static final Stdio NULL = new Stdio("the null device", Use.ANY, false,
      (place, slot, ends) -> Fd.open("/dev/null", place.openMode()));

  /** Stands for what each launch of a group puts there. */
  static final Stdio JOINED_INPUT = joined("joined to read from another sandbox", Use.INPUT);

  static final Stdio JOINED_OUTPUT = joined("joined to write to another sandbox", Use.OUTPUT);
  static final Stdio JOINED = joined("joined to another sandbox", Use.ANY);
  static final Stdio OF_GROUP = joined("the process of another sandbox", Use.PROCESS);

  private static Stdio joined(String text, Use use) {
    return new Stdio(text, use, true, (place, slot, ends) -> {
      throw new AssertionError("the group opens it");
    });
  }

  private static final int PERMISSIONS = 0666; // less the umask, as ProcessBuilder's

  private final String text;
  private final Use use;
  private final boolean carriesData;
  private final Opening opening;

  private Stdio(String text, Use use, boolean carriesData, Opening opening) {
    this.text = text;
    this.use = use;
    this.carriesData = carriesData;
    this.opening = opening;
  }

  /** For reading: a file, from its beginning. */
  public static Stdio from(Path file) {
    return file("read from ", file, Use.INPUT, Constant.O_RDONLY);
  }

  /** For writing: a file, which is created if need be and emptied otherwise. */
  public static Stdio to(Path file) {
    return file("written to ", file, Use.OUTPUT, Constant.or(Constant.O_WRONLY, Constant.O_CREAT, Constant.O_TRUNC));
  }

  /**
   * For writing: the end of a file, which is created if need be. That keeps writers from overwriting each other; it does
   * not keep the program from what is in the file already, for it can switch the mode off.
   */
  public static Stdio append(Path file) {
    return file("appended to ", file, Use.OUTPUT, Constant.or(Constant.O_WRONLY, Constant.O_CREAT, Constant.O_APPEND));
  }

  private static Stdio file(String what, Path file, Use use, Constant flags) {
    var path = file.toAbsolutePath().toString();
    return new Stdio(what + file, use, true, (place, slot, ends) -> open(path, flags));
  }

  private static Fd open(String path, Constant flags) throws IOException {
    boolean creates = (flags.value() & Constant.O_CREAT.value()) != 0;
    return creates ? Fd.create(path, flags.asInt(), PERMISSIONS) : Fd.open(path, flags.asInt());
  }

  /**
   * For reading: these bytes, which are copied. The program finds a sealed file in memory, of any size, in which it can
   * seek; no thread has to write to it, and a program that does not read disturbs nobody. It cannot be executed; before Linux
   * 6.3, which cannot promise that, a policy with {@code processes.execute} refuses it at the launch.
   */
  public static Stdio bytes(byte[] bytes) {
    var copy = bytes.clone();
    return new Stdio(copy.length + " bytes", Use.INPUT, true, (place, slot, ends) -> sealed(place.name(), copy));
  }

  /** A sealed file in memory, for reading from its beginning. */
  static Fd sealed(String name, byte[] content) throws IOException {
    try (var file = Memfd.of(name, content)) {
      // again, from the beginning: a file in memory is open for writing too, though sealed
      return Fd.open("/proc/self/fd/" + file.number(), Constant.O_RDONLY.asInt());
    }
  }

  /** For reading: this text, in UTF-8; see {@link #bytes}. */
  public static Stdio text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Standard output or error: kept in memory for {@link SandboxedProcess#complete}. A program that writes more than the
   * limit is killed, so none can fill the memory of this JVM; who waits for it gets a {@link CutShortException}.
   *
   * @param limit in bytes, from 0
   */
  public static Stdio collect(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit of " + limit + " bytes");
    }
    return new Stdio("collected", Use.STANDARD_OUTPUT, true, (place, slot, ends) -> ends.collect(place, limit));
  }

  /**
   * A descriptor of this JVM, such as one from a native library, narrowed to the rights of the policy: one whose open mode
   * allows more is opened again (a character device) or put behind a pipe (anything else), one that allows less is refused
   * at the launch, and so is a directory. Java does not tell the numbers of its own files and sockets.
   *
   * @param number stays the caller's, and has to be open at each launch, which makes a descriptor of its own for the program
   */
  public static Stdio descriptor(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return descriptor("descriptor " + number, () -> number);
  }

  /**
   * The same, for a descriptor that somebody owns.
   *
   * @param descriptor stays the caller's; a launch after it was closed or taken is an {@link IllegalStateException}
   */
  public static Stdio descriptor(Fd descriptor) {
    return descriptor(descriptor.toString(), descriptor::number);
  }

  private static Stdio descriptor(String text, IntSupplier number) {
    return new Stdio(text, Use.ANY, true, (place, slot, ends) -> {
      int current = number.getAsInt();
      var file = OpenFile.ifOpen(current).orElseThrow(() ->
          new IOException("capability '" + slot.capability() + "': descriptor " + current + " is not open"));
      return Inheritance.narrowed(file, slot, place.openMode(), ends);
    });
  }

  /**
   * A process, for a parameter of kind {@code process}: the program may do to it what the policy says, by asking this JVM, which is
   * asked no more when either has ended.
   *
   * @param process stays the caller's
   */
  public static Stdio process(SandboxedProcess process) {
    return process(process.pid(), () -> new HeldSandbox(process));
  }

  /**
   * Any process that this JVM may signal. How it has ended is not known: the program is told {@code ended}.
   *
   * @param process has to be alive at each launch
   */
  public static Stdio process(ProcessHandle process) {
    return process(process.pid(), () -> HeldPidfd.of(process));
  }

  /**
   * The same by a pidfd, see pidfd_open(2).
   *
   * @param pidfd stays the caller's, and has to be open at each launch
   */
  public static Stdio process(Fd pidfd) {
    return process(pidfd, () -> HeldPidfd.of(pidfd.number()));
  }

  private static Stdio process(Object what, Holding holding) {
    return new Stdio("process " + what, Use.PROCESS, true, (place, slot, ends) -> {
      HeldProcess held;
      try {
        held = holding.hold();
      } catch (IOException failure) {
        throw new IOException("capability '" + slot.capability() + "': " + failure.getMessage(), failure);
      }
      var relay = ProcessRelay.open(held, slot.rights());
      ends.attend(relay);
      return relay.program();
    });
  }

  /** @throws IllegalArgumentException if it is none */
  void requireProcess(String parameter) {
    if (use != Use.PROCESS) {
      throw new IllegalArgumentException(parameter + " cannot be " + text + ": the policy has a process there");
    }
  }

  /** The program's descriptor. */
  Fd open(Place place, DescriptorSlot slot, Ends ends) throws IOException {
    return opening.open(place, slot, ends);
  }

  /** Whether it makes no sense for a stream that the program does not have. */
  boolean carriesData() {
    return carriesData;
  }

  /** @throws IllegalArgumentException if it cannot stand there */
  void requireFit(Place place) {
    String problem = switch (use) {
      case INPUT -> place.reads() ? "" : "the program may only " + place.verb() + " there";
      case OUTPUT -> place.writes() ? "" : "the program may only " + place.verb() + " there";
      case STANDARD_OUTPUT -> place.writes() && place.standard() ? "" : "that is for standard output and error";
      case ONE_WAY -> place.reads() != place.writes() ? "" : "a pipe goes one way, and the policy says both";
      case PROCESS -> "a process is for a parameter that is one";
      case ANY -> this == INHERIT && !place.standard() ? "that is for standard streams" : "";
    };
    if (!problem.isEmpty()) {
      throw new IllegalArgumentException(place.name() + " cannot be " + text + ": " + problem);
    }
  }

  /** What it is, in words. */
  @Override
  public String toString() {
    return text;
  }
}
