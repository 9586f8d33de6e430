package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.fd.PipeOutputStream;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Supplies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The descriptors of one launch: what the program is given, and the launcher's ends of pipes. What is given is closed
 * here as soon as the launch is over, either way. Used by one thread.
 */
final class Handover implements AutoCloseable {
  private static final int STANDARD_STREAMS = 3;
  private static final Path CLASS_LIBRARY = Path.of(System.getProperty("java.home"), "lib", "modules");

  private final Map<String, Fd> given = new LinkedHashMap<>();
  private final List<Pump> pumps = new ArrayList<>();
  private OutputStream toProgram = OutputStream.nullOutputStream();
  private InputStream output = InputStream.nullInputStream();
  private InputStream errors = InputStream.nullInputStream();
  private boolean taken;

  private Handover() {}

  /** The launcher's side of a launch that succeeded: the streams, and pumps that are to be started. */
  record Kept(OutputStream toProgram, InputStream output, InputStream errors, List<Pump> pumps) {}

  static Handover open(List<DescriptorSlot> slots, Stdio stdio) throws IOException {
    var handover = new Handover();
    try {
      for (DescriptorSlot slot : slots) {
        handover.given.put(slot.supply(), handover.open(slot, stdio));
      }
      return handover;
    } catch (IOException | RuntimeException failure) {
      handover.close();
      throw failure;
    }
  }

  private Fd open(DescriptorSlot slot, Stdio stdio) throws IOException {
    var source = slot.source();
    if (source instanceof DescriptorSlot.HostFile file) {
      return OpenFile.atExactly(file.file().host().toString(), openMode(slot.rights()),
          file.file().identity().devMajor(), file.file().identity().devMinor(), file.file().identity().inode());
    } else if (source instanceof DescriptorSlot.Launcher launcher) {
      return launcher.number() < STANDARD_STREAMS && stdio == Stdio.PIPE
          ? openPipe(launcher.number())
          : inherit(launcher.number(), slot);
    }
    return Fd.open("/dev/null", openMode(slot.rights()));
  }

  private static int openMode(Rights rights) {
    return rights.has(Right.READ) && rights.has(Right.WRITE) ? Constant.O_RDWR.asInt()
        : rights.has(Right.WRITE) ? Constant.O_WRONLY.asInt()
        : Constant.O_RDONLY.asInt();
  }

  /** The launcher's end becomes a stream at once: whatever can fail does so before there is a process. */
  private Fd openPipe(int stream) throws IOException {
    var pipe = FdPair.pipe();
    try {
      switch (stream) {
        case 0 -> toProgram = new PipeOutputStream(pipe.second());
        case 1 -> output = new PipeInputStream(pipe.first());
        default -> errors = new PipeInputStream(pipe.first());
      }
      return stream == 0 ? pipe.first() : pipe.second();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }

  /**
   * A descriptor of the launcher, with no more than its rights. One whose open mode allows more is opened again in a
   * narrower mode if it is a character device, such as a terminal; anything else is put behind a pipe of its own.
   * (Opening a seekable file again would give it an offset of its own, and corrupt what others write to it.)
   *
   * <p>Where a standard stream was closed when it began, a JVM has a file of its own at that number. Those are refused: all
   * are close-on-exec, which nobody inherits, but for the class library ({@code lib/modules}).
   */
  private Fd inherit(int number, DescriptorSlot slot) throws IOException {
    var file = OpenFile.ifOpen(number).orElseThrow(() -> unusable(slot, number, "is not open in the launcher"));
    if (file.isCloseOnExec() || file.isSameFile(CLASS_LIBRARY)) {
      throw unusable(slot, number, "was closed when the launcher began, and is now a file of the JVM's (or is "
          + "close-on-exec, and so not for others)");
    }
    if (file.isDirectory()) {
      throw unusable(slot, number, "of the launcher is a directory, from which a program reaches all that is above and"
          + " below it; grant the directory itself instead, with 'directory:' and 'mount:'");
    }
    int wanted = openMode(slot.rights());
    if (file.accessMode() == wanted) {
      return Fd.duplicate(number);
    }
    if (file.accessMode() != Constant.O_RDWR.asInt()) {
      boolean forReading = file.accessMode() == Constant.O_RDONLY.asInt();
      throw unusable(slot, number, "is open for " + (forReading ? "reading" : "writing") + " only in the launcher, and the "
          + "policy says " + slot.rights());
    }
    Optional<Fd> narrowed = file.isCharacterDevice() ? file.reopen(wanted) : Optional.empty();
    return narrowed.isPresent() ? narrowed.get() : pump(number, wanted == Constant.O_WRONLY.asInt());
  }

  private static IOException unusable(DescriptorSlot slot, int number, String why) {
    return new IOException("capability '" + slot.capability() + "': descriptor " + number + " " + why);
  }

  private Fd pump(int number, boolean fromProgram) throws IOException {
    var pipe = FdPair.pipe();
    try {
      var outside = Fd.duplicate(number);
      pumps.add(fromProgram ? Pump.outOf(pipe.first(), outside) : Pump.into(pipe.second(), outside));
      return fromProgram ? pipe.second() : pipe.first();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }

  void supply(Supplies supplies) {
    given.forEach(supplies::descriptor);
  }

  /** Hands the launcher's side over; it is no longer closed here. */
  Kept take() {
    taken = true;
    return new Kept(toProgram, output, errors, List.copyOf(pumps));
  }

  @Override
  public void close() throws IOException {
    given.values().forEach(Fd::close);
    if (!taken) {
      pumps.forEach(Pump::close);
      toProgram.close();
      output.close();
      errors.close();
    }
  }
}
