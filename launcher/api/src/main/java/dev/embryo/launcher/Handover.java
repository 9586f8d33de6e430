package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FileStatus;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.fd.SharedMemory;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Supplies;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The descriptors of one launch: what the program is given, and the launcher's {@link Ends}. What is given is closed
 * here as soon as the launch is over, either way. Used by one thread.
 */
final class Handover implements AutoCloseable {
  private final Set<Integer> terminals;
  private final Provisions provisions;
  private final Map<DescriptorSlot, Fd> given = new IdentityHashMap<>(); // by the policy's own slots
  private final Map<Integer, Fd> opened = new HashMap<>(); // standard streams, by number; each is among those given
  private final Ends ends = new Ends();
  private boolean taken;

  private Handover(Set<Integer> terminals, Provisions provisions) {
    this.terminals = terminals;
    this.provisions = provisions;
  }

  /** @param terminals the streams in whose place the program gets a new terminal */
  static Handover open(List<DescriptorSlot> slots, Set<Integer> terminals, Provisions provisions) throws IOException {
    var handover = new Handover(terminals, provisions);
    try {
      for (DescriptorSlot slot : slots) {
        if (slot.isSupplied()) {
          var descriptor = handover.open(slot);
          handover.given.put(slot, descriptor);
          requireAppending(slot, descriptor);
        }
      }
      return handover;
    } catch (IOException | RuntimeException failure) {
      handover.close();
      throw failure;
    }
  }

  private Fd open(DescriptorSlot slot) throws IOException {
    var source = slot.source();
    if (source instanceof DescriptorSlot.HostFile file) {
      return OpenFile.atExactly(file.file().host().toString(), openMode(slot.rights()),
          file.file().identity().devMajor(), file.file().identity().devMinor(), file.file().identity().inode());
    } else if (source instanceof DescriptorSlot.Launcher launcher) {
      return Provisions.isStream(launcher.number())
          ? openStream(provisions.standingFor(launcher.number()), slot)
          : Inheritance.of(launcher.number(), slot, ends);
    } else if (source instanceof DescriptorSlot.Supplied supplied) {
      return openPassed(slot, supplied.parameter());
    } else if (source instanceof DescriptorSlot.Relayed relayed) {
      return openPassed(slot, relayed.parameter());
    } else if (source instanceof DescriptorSlot.NewPipe) {
      return ends.pipe(Place.ofParameter(slot.capability(), slot.rights()));
    } else if (source instanceof DescriptorSlot.SharedMemory memory) {
      var shared = SharedMemory.make(slot.capability(), (int) memory.bytes(), openMode(slot.rights()));
      ends.share(slot.capability(), shared.bytes());
      return shared.descriptor();
    } else if (source instanceof DescriptorSlot.Listener listener) {
      return Sockets.listening(slot.capability(), listener, ends);
    } else if (source instanceof DescriptorSlot.Connection connection) {
      return Sockets.connected(slot.capability(), connection);
    } else if (source instanceof DescriptorSlot.Content content) {
      return Stdio.sealed(slot.capability(), content.bytes());
    }
    return Fd.open("/dev/null", openMode(slot.rights()));
  }

  private Fd openPassed(DescriptorSlot slot, String parameter) throws IOException {
    return provisions.descriptor(slot, parameter).open(Place.ofParameter(parameter, slot.rights()), slot, ends);
  }

  /** The open mode that allows no more than these rights; what it allows beyond them, the program's filter withholds. */
  private static int openMode(Rights rights) {
    return accessMode(rights) | (rights.has(Right.APPEND) ? Constant.O_APPEND.asInt() : 0);
  }

  /** The part of {@link #openMode} that says whether to read, to write, or both. */
  static int accessMode(Rights rights) {
    return (!rights.writes() ? Constant.O_RDONLY : rights.reads() ? Constant.O_RDWR : Constant.O_WRONLY).asInt();
  }

  /** A file only: what is written to a pipe or a device is always at its end. */
  private static void requireAppending(DescriptorSlot slot, Fd descriptor) throws IOException {
    if (slot.rights().has(Right.APPEND) && FileStatus.of(descriptor.number()).isRegular()
        && !OpenFile.isAppending(descriptor.number())) {
      throw new IOException("capability '" + slot.capability() + "': what it is given is not open for appending (O_APPEND), "
          + "and the policy says " + slot.rights());
    }
  }

  /**
   * Refuses files in memory, for a program that may execute others: Landlock, which holds it to those, does not see them.
   *
   * @throws IOException naming the capability that is given one
   */
  void refuseFilesInMemory() throws IOException {
    for (var each : given.entrySet()) {
      if (Memfd.mayBeExecuted(each.getValue().number())) {
        throw new IOException("capability '" + each.getKey().capability() + "': it is a file in memory, which the program could "
            + "execute, whatever processes.execute lists, because Landlock does not see it; give a file or a pipe, or, from Linux 6.3 on,"
            + " Stdio.bytes or one that is sealed against execution (MFD_NOEXEC_SEAL)");
      }
    }
  }

  /** What the program is given. */
  Map<DescriptorSlot, Fd> given() {
    return Collections.unmodifiableMap(given);
  }

  /** Two capabilities that inherit the same stream share it, as they would share the launcher's own descriptor. */
  private Fd openStream(int stream, DescriptorSlot slot) throws IOException {
    var stdio = provisions.streams().get(stream);
    if (stdio == Stdio.INHERIT && terminals.contains(stream)) {
      return ends.terminal(stream).open(stream, slot);
    }
    if (stdio == Stdio.INHERIT) {
      return Inheritance.of(stream, slot, ends);
    }
    Provisions.requireDirection(stream, slot);
    var before = opened.get(stream);
    if (before != null) {
      return Fd.duplicate(before.number());
    }
    var descriptor = stdio.open(Place.ofStream(stream), slot, ends);
    opened.put(stream, descriptor);
    return descriptor;
  }

  /** @param jobControl of a program that gets a new terminal */
  void supply(Supplies supplies, Optional<JobControl> jobControl) throws IOException {
    given.forEach((slot, descriptor) -> supplies.descriptor(slot.supply(), descriptor));
    if (ends.terminal().isPresent()) {
      ends.terminal().get().supply(supplies, jobControl.orElseThrow());
    }
  }

  /**
   * The birth is over, either way.
   *
   * @throws IOException if it has failed, and this is why
   */
  void born() throws IOException {
    if (ends.terminal().isPresent()) {
      ends.terminal().get().born();
    }
  }

  /**
   * Closes what was given to the program, which has it, and hands the launcher's side over. Only from now on does the
   * program's end mean the end of its streams.
   */
  Ends take() {
    taken = true;
    given.values().forEach(Fd::close);
    return ends;
  }

  @Override
  public void close() throws IOException {
    given.values().forEach(Fd::close);
    if (!taken) {
      ends.close();
    }
  }
}
