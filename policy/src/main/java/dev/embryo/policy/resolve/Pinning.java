package dev.embryo.policy.resolve;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Compares a program with the digest that a policy pins it to, and sees to it that what is executed is what was compared: a
 * file that somebody other than root can write, or put another in the place of, is copied into memory and sealed while it is
 * read, and the copy is executed. (A digest of an open file alone would be no use: it can be rewritten in place.)
 *
 * <p>Copies are kept by digest while anybody holds one. Thread-safe.
 */
final class Pinning {
  /** The key of a policy that pins its program. */
  static final String KEY = "program.sha256";

  private static final Cleaner CLEANER = Cleaner.create();
  private static final int CHUNK = 1 << 16;
  private static final int WRITABLE_BY_OTHERS = 0022;

  private static final Map<String, WeakReference<SealedProgram>> COPIES = new HashMap<>(); // guarded by itself

  private Pinning() {}

  /** Whether nobody but root can write a file, or change one of the directories that lead to it. */
  static boolean onlyRootCanWrite(HostFiles.Walk walk) throws IOException {
    List<String> all = new ArrayList<>(walk.directories());
    all.add("/");
    all.add(walk.real());
    for (String path : all) {
      Map<String, Object> attributes = Files.readAttributes(Path.of(path), "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
      if (number(attributes, "uid") != 0 || (number(attributes, "mode") & WRITABLE_BY_OTHERS) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name), name)).intValue();
  }

  /**
   * Compares a file that can be executed as it is.
   *
   * @param pinned the digest, 64 hexadecimal digits
   * @throws ProgramException if it has another
   */
  static void compare(String file, String pinned) throws IOException {
    MessageDigest digest = sha256();
    try (FileChannel content = FileChannel.open(Path.of(file), StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
      while (content.read(chunk) >= 0) {
        digest.update(chunk.flip());
        chunk.clear();
      }
    }
    compare(file, pinned, digest);
  }

  /**
   * Copies a file, and compares the copy.
   *
   * @param pinned the digest, 64 hexadecimal digits
   * @throws ProgramException if it has another
   */
  static SealedProgram copy(String file, String pinned) throws IOException {
    MessageDigest digest = sha256();
    Fd copy;
    try (FileChannel content = FileChannel.open(Path.of(file), StandardOpenOption.READ)) {
      copy = Memfd.executableCopy("embryo-program", chunk -> {
        int length = content.read(chunk);
        digest.update(chunk.duplicate().flip());
        return length;
      });
    } catch (LinuxException e) {
      throw new ProgramException(KEY, file + " cannot be copied into memory, to be executed there: " + e.getMessage()
          + (Errno.EACCES.is(e.errno()) ? "; the sysctl vm.memfd_noexec forbids it" : ""));
    }
    try {
      compare(file, pinned, digest);
    } catch (ProgramException e) {
      copy.close();
      throw e;
    }
    return keep(pinned.toLowerCase(Locale.ROOT), copy);
  }

  private static SealedProgram keep(String digest, Fd copy) {
    synchronized (COPIES) {
      WeakReference<SealedProgram> known = COPIES.get(digest);
      SealedProgram kept = known == null ? null : known.get();
      if (kept != null) {
        copy.close();
        return kept;
      }
      SealedProgram sealed = new SealedProgram(digest, copy);
      CLEANER.register(sealed, copy::close);
      COPIES.put(digest, new WeakReference<>(sealed));
      return sealed;
    }
  }

  private static void compare(String file, String pinned, MessageDigest digest) throws ProgramException {
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equalsIgnoreCase(pinned)) {
      throw new ProgramException(KEY, file + " has the digest " + found + ", and is pinned to " + pinned.toLowerCase(Locale.ROOT));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
