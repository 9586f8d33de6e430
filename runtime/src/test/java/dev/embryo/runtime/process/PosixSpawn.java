package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * posix_spawn(3) with its file actions, written on top of an embryo: what the caller would inherit is given, then the
 * actions are played on that. Everything but the process group, which an embryo has of its own (POSIX_SPAWN_SETSID).
 */
final class PosixSpawn {
  /** What the actions see: the child's descriptors to be, and its working directory. */
  private static final class Child {
    final Map<Integer, Fd> descriptors = new TreeMap<>();
    final List<Fd> opened = new ArrayList<>();
    String directory = System.getProperty("user.dir");
  }

  @FunctionalInterface
  private interface Action {
    void play(Child child) throws IOException;
  }

  private final List<Action> actions = new ArrayList<>();

  PosixSpawn addopen(int number, String path, int flags) {
    actions.add(child -> {
      var opened = Fd.open(path.startsWith("/") ? path : child.directory + '/' + path, flags);
      child.opened.add(opened);
      child.descriptors.put(number, opened);
    });
    return this;
  }

  PosixSpawn adddup2(int number, int newNumber) {
    actions.add(child -> {
      var source = child.descriptors.get(number);
      if (source == null) {
        source = Fd.duplicate(number); // also one that is close-on-exec
        child.opened.add(source);
      }
      child.descriptors.put(newNumber, source);
    });
    return this;
  }

  PosixSpawn addclose(int number) {
    actions.add(child -> child.descriptors.remove(number));
    return this;
  }

  PosixSpawn addchdir(String path) {
    actions.add(child -> child.directory = path);
    return this;
  }

  /** Spawns; {@code inherited} are the caller's descriptors that are not close-on-exec. */
  RunningProcess spawn(Map<Integer, Fd> inherited, String path, List<String> arguments, Map<String, String> environment)
      throws IOException {
    var child = new Child();
    child.descriptors.putAll(inherited);
    try (var embryo = Zygote.shared().embryo(Set.of()); var executable = Program.open(path)) {
      for (Action action : actions) {
        action.play(child);
      }
      for (var descriptor : child.descriptors.entrySet()) {
        embryo.setFd(descriptor.getValue(), descriptor.getKey());
      }
      embryo.umask(022);
      embryo.chdir(child.directory);
      embryo.load(executable, arguments, environment);
      return embryo.start();
    } finally {
      child.opened.forEach(Fd::close);
    }
  }

  static final int READ = Constant.O_RDONLY.asInt();
}
