package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.fd.Tty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Descriptors of the JVM itself, with no more than the rights that the policy gives to them. */
final class Inheritance {
  private static final Path CLASS_LIBRARY = Path.of(System.getProperty("java.home"), "lib", "modules");

  private Inheritance() {}

  /**
   * One that the JVM has inherited, for a program to inherit in turn.
   *
   * <p>Where a standard stream was closed when it began, a JVM has a file of its own at that number. Those are refused: all
   * are close-on-exec, which nobody inherits, but for the class library ({@code lib/modules}).
   */
  static Fd of(int number, DescriptorSlot slot, Ends ends) throws IOException {
    var file = OpenFile.ifOpen(number).orElseThrow(() -> unusable(slot, number, "is not open in the launcher"));
    if (file.isCloseOnExec() || file.isSameFile(CLASS_LIBRARY)) {
      throw unusable(slot, number, "was closed when the launcher began, and is now a file of the JVM's (or is "
          + "close-on-exec, and so not for others)");
    }
    return narrowed(file, slot, Handover.accessMode(slot.rights()), ends);
  }

  /**
   * A second descriptor for an open file, for the slot's capability, open for no more than is wanted. One whose open mode allows more is opened
   * again in a narrower mode if it is a character device; anything else, and any terminal, is put behind a pipe of its own.
   * (Opening a seekable file again would give it an offset of its own, and corrupt what others write to it.)
   */
  static Fd narrowed(OpenFile file, DescriptorSlot slot, int wanted, Ends ends) throws IOException {
    int number = file.number();
    if (file.isDirectory()) {
      throw unusable(slot, number, "of the launcher is a directory, from which a program reaches all that is above and"
          + " below it; grant the directory itself instead, with 'directory:' and 'mount:'");
    }
    if (file.isSocket() && slot.rights().areExact()) {
      return Fd.duplicate(number); // a socket has no open mode; the filter withholds the one or the other
    }
    boolean terminal = file.isCharacterDevice() && Tty.isTerminal(number);
    if (terminal && wanted == Constant.O_RDWR.asInt()) {
      throw unusable(slot, number, "of the launcher is a terminal, which a program could change for others; it can be"
          + " inherited as a standard stream, or for one of reading and writing");
    }
    if (file.accessMode() == wanted && !terminal) {
      return Fd.duplicate(number);
    }
    requireMode(file, slot, wanted);
    Optional<Fd> reopened = file.isCharacterDevice() && !terminal ? file.reopen(wanted) : Optional.empty();
    return reopened.isPresent() ? reopened.get() : pump(number, wanted == Constant.O_WRONLY.asInt(), ends);
  }

  /** @throws IOException if the launcher's own descriptor is not open for what the policy says */
  static void requireMode(OpenFile file, DescriptorSlot slot, int wanted) throws IOException {
    if (file.accessMode() != Constant.O_RDWR.asInt() && file.accessMode() != wanted) {
      boolean forReading = file.accessMode() == Constant.O_RDONLY.asInt();
      throw unusable(slot, file.number(), "is open for " + (forReading ? "reading" : "writing") + " only in the launcher, and the "
          + "policy says " + slot.rights());
    }
  }

  private static IOException unusable(DescriptorSlot slot, int number, String why) {
    return new IOException("capability '" + slot.capability() + "': descriptor " + number + " " + why);
  }

  private static Fd pump(int number, boolean fromProgram, Ends ends) throws IOException {
    var pipe = FdPair.pipe();
    try {
      var outside = Fd.duplicate(number);
      ends.attend(fromProgram ? Pump.outOf(pipe.first(), outside) : Pump.into(pipe.second(), outside));
      return fromProgram ? pipe.second() : pipe.first();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }
}
