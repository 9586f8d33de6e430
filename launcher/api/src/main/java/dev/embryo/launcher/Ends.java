package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeCollector;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.fd.PipeOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The launcher's side of one launch: its ends of the pipes to the program, and those who attend to other descriptors.
 * Filled by one thread, before there is a process: whatever can fail does so then.
 *
 * <p>Thread-safe from then on: its maps change no more, and what is in them is thread-safe itself.
 */
final class Ends implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Ends.class.getName());

  private final List<Attendant> attendants = new ArrayList<>();
  private final Map<String, PipeOutputStream> toProgram = new HashMap<>();
  private final Map<String, PipeInputStream> fromProgram = new HashMap<>();
  private final Map<String, ByteBuffer> shared = new HashMap<>();
  private final List<SocketFile> socketFiles = new ArrayList<>(); // guarded by itself
  private @Nullable Terminal terminal;
  private final Map<String, PipeCollector> collected = new HashMap<>();

  /** A pipe between the launcher and the program, whose end is returned. */
  Fd pipe(Place place) throws IOException {
    var pipe = FdPair.pipe();
    try {
      if (place.reads()) {
        toProgram.put(place.key(), new PipeOutputStream(pipe.second()));
        return pipe.first();
      }
      fromProgram.put(place.key(), new PipeInputStream(pipe.first()));
      return pipe.second();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }

  /** The launcher's view of memory that the program has by a capability. */
  void share(String capability, ByteBuffer bytes) {
    shared.put(capability, bytes);
  }

  @Nullable ByteBuffer shared(String capability) {
    return shared.get(capability);
  }

  /** What the program writes there goes into memory. */
  Fd collect(Place place, int limit) throws IOException {
    var pipe = FdPair.pipe();
    try {
      collected.put(place.key(), new PipeCollector(pipe.first(), limit));
      return pipe.second();
    } catch (IOException failure) {
      pipe.close();
      throw failure;
    }
  }

  /** The file is removed when the sandbox is gone, or was never made. */
  void keep(SocketFile file) {
    synchronized (socketFiles) {
      socketFiles.add(file);
    }
  }

  private void removeSocketFiles() {
    synchronized (socketFiles) {
      socketFiles.forEach(SocketFile::close);
      socketFiles.clear();
    }
  }

  void attend(Attendant attendant) {
    attendants.add(attendant);
  }

  /** The launch's one terminal, which is made when it is first asked for, to stand for a descriptor of this JVM. */
  Terminal terminal(int stream) throws IOException {
    var current = terminal;
    if (current == null) {
      current = Terminal.standingFor(stream);
      terminal = current;
      attend(current);
    }
    return current;
  }

  Optional<Terminal> terminal() {
    return Optional.ofNullable(terminal);
  }

  @Nullable PipeOutputStream toProgram(String key) {
    return toProgram.get(key);
  }

  @Nullable PipeInputStream fromProgram(String key) {
    return fromProgram.get(key);
  }

  Map<String, PipeCollector> collected() {
    return collected;
  }

  List<Attendant> attendants() {
    return attendants;
  }

  /** Begins whatever goes on while the program runs. */
  void start(Runnable whenTooMuch) throws IOException {
    for (PipeCollector collector : collected.values()) {
      collector.start(whenTooMuch);
    }
    attendants.forEach(Attendant::start);
  }

  /**
   * The sandbox is gone: what was not read yet goes into memory, and no descriptor is left for somebody to close. As with
   * ProcessBuilder, whose users do not close streams. On the thread that notices the end.
   */
  void settle() {
    removeSocketFiles();
    try {
      for (PipeInputStream stream : fromProgram.values()) {
        stream.settle();
      }
      for (PipeOutputStream stream : toProgram.values()) {
        stream.settle();
      }
    } catch (IOException failure) {
      LOG.log(Level.WARNING, "a stream stays open until it is closed", failure);
    }
  }

  /** Closes the streams, and what was never started. */
  @Override
  public void close() throws IOException {
    removeSocketFiles();
    attendants.forEach(Attendant::close);
    for (PipeCollector collector : collected.values()) {
      collector.close();
    }
    for (PipeInputStream stream : fromProgram.values()) {
      stream.close();
    }
    for (PipeOutputStream stream : toProgram.values()) {
      stream.close();
    }
  }
}
