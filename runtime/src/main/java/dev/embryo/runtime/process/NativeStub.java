package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The native stub, as it lies in the runtime's jar, and how it is started. */
final class NativeStub {
  private static final Map<String, String> RESOURCES =
      Map.of("amd64", "embryo-x86_64", "aarch64", "embryo-aarch64");
  private static final String NAME = "embryo-zygote";
  private static final int ATTRIBUTES_BYTES = 512; // posix_spawnattr_t is 336 bytes in glibc
  private static final int ACTIONS_BYTES = 128; // posix_spawn_file_actions_t: 80
  private static final int SIGNALS_BYTES = 128; // sigset_t
  private static final short SETSIGDEF_SETSIGMASK_SETSID = 0x04 | 0x08 | 0x80;

  private NativeStub() {}

  /**
   * Starts the stub. It begins with default signal dispositions, an empty signal mask, a session of its own, no
   * environment and {@code control} as its only descriptor, number 0; it closes everything else itself, first thing.
   *
   * @return its pid
   */
  static int spawn(Fd control) throws IOException {
    try (Fd image = Memfd.executable("embryo", bytes())) {
      var memory = Libc.allocate(ATTRIBUTES_BYTES + ACTIONS_BYTES + 2 * SIGNALS_BYTES + 64);
      long attributes = Libc.address(memory);
      long actions = attributes + ATTRIBUTES_BYTES;
      long all = actions + ACTIONS_BYTES;
      long none = all + SIGNALS_BYTES;
      int words = ATTRIBUTES_BYTES + ACTIONS_BYTES + 2 * SIGNALS_BYTES;
      memory.putInt(words, 0).putLong(words + 16, 0).putLong(words + 24, 0);
      long pid = none + SIGNALS_BYTES;
      var name = Libc.allocate(NAME.length() + 1);
      name.put(0, NAME.getBytes(StandardCharsets.US_ASCII));
      memory.putLong(words + 8, Libc.address(name));
      var path = ("/proc/self/fd/" + image.number() + "\0").getBytes(StandardCharsets.US_ASCII);

      Libc.sigfillset(all);
      Libc.sigemptyset(none);
      check("posix_spawnattr_init", Libc.posix_spawnattr_init(attributes));
      check("posix_spawn_file_actions_init", Libc.posix_spawn_file_actions_init(actions));
      try {
        Libc.posix_spawnattr_setflags(attributes, SETSIGDEF_SETSIGMASK_SETSID);
        Libc.posix_spawnattr_setsigdefault(attributes, all);
        Libc.posix_spawnattr_setsigmask(attributes, none);
        check("posix_spawn_file_actions_adddup2",
            Libc.posix_spawn_file_actions_adddup2(actions, control.number(), 0));
        check("start the zygote", Libc.posix_spawn(pid, path, actions, attributes, pid + 8, pid + 24));
      } finally {
        Libc.posix_spawn_file_actions_destroy(actions);
        Libc.posix_spawnattr_destroy(attributes);
      }
      java.lang.ref.Reference.reachabilityFence(name);
      return memory.getInt(words);
    }
  }

  /** These functions return the error number. */
  private static void check(String what, int error) throws LinuxException {
    if (error != 0) {
      throw new LinuxException(what, error);
    }
  }

  private static byte[] bytes() throws IOException {
    String architecture = System.getProperty("os.arch");
    String resource = RESOURCES.get(architecture);
    if (resource == null) {
      throw new IOException("Embryo runs on x86-64 and aarch64, not on " + architecture);
    }
    try (var stream = NativeStub.class.getResourceAsStream("/dev/embryo/runtime/native/" + resource)) {
      if (stream == null) {
        throw new IOException("this build of Embryo has no native stub for " + architecture
            + ": build it on such a machine, or with its cross compiler installed");
      }
      return stream.readAllBytes();
    }
  }
}
