package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Supplies;
import java.io.IOException;
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

  private final Map<String, Fd> given = new LinkedHashMap<>();
  private final Map<Integer, Fd> ends = new LinkedHashMap<>();
  private final List<Pump> pumps = new ArrayList<>();

  private Handover() {}

  /** The launcher's side of a launch that succeeded: pipe ends by standard stream number, and pumps to be started. */
  record Kept(Map<Integer, Fd> ends, List<Pump> pumps) {}

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

  private Fd openPipe(int stream) throws IOException {
    var pipe = FdPair.pipe();
    boolean intoProgram = stream == 0;
    ends.put(stream, intoProgram ? pipe.second() : pipe.first());
    return intoProgram ? pipe.first() : pipe.second();
  }

  /**
   * A descriptor of the launcher, with no more than its rights. One whose open mode allows more is opened again in a
   * narrower mode if it is a character device, such as a terminal; anything else is put behind a pipe of its own.
   * (Opening a seekable file again would give it an offset of its own, and corrupt what others write to it.)
   */
  private Fd inherit(int number, DescriptorSlot slot) throws IOException {
    var file = OpenFile.of(number);
    if (file.isDirectory()) {
      throw new IOException("capability '" + slot.capability() + "': descriptor " + number
          + " of the launcher is a directory, from which a program reaches all that is above and below it;"
          + " grant the directory itself instead, with 'directory:' and 'mount:'");
    }
    int wanted = openMode(slot.rights());
    if (file.accessMode() == wanted) {
      return Fd.duplicate(number);
    }
    if (file.accessMode() != Constant.O_RDWR.asInt()) {
      throw new IOException("capability '" + slot.capability() + "': descriptor " + number
          + " of the launcher is open for " + (wanted == Constant.O_RDONLY.asInt() ? "writing" : "reading")
          + " only, and the policy says " + slot.rights());
    }
    Optional<Fd> narrowed = file.isCharacterDevice() ? file.reopen(wanted) : Optional.empty();
    return narrowed.isPresent() ? narrowed.get() : pump(number, wanted == Constant.O_WRONLY.asInt());
  }

  private Fd pump(int number, boolean fromProgram) throws IOException {
    var pipe = FdPair.pipe();
    try {
      var outside = Fd.duplicate(number);
      pumps.add(fromProgram ? new Pump(pipe.first(), outside) : new Pump(outside, pipe.second()));
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
    var kept = new Kept(new LinkedHashMap<>(ends), List.copyOf(pumps));
    ends.clear();
    pumps.clear();
    return kept;
  }

  @Override
  public void close() {
    given.values().forEach(Fd::close);
    ends.values().forEach(Fd::close);
    pumps.forEach(Pump::close);
  }
}
