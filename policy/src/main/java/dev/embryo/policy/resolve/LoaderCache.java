package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Machine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The loader's cache, {@code /etc/ld.so.cache}: which file a library's name stands for.
 *
 * <p>The format, all numbers little-endian and 32 bits wide unless said otherwise:
 * <pre>
 * cache   = [old padding] header entry* extensions strings
 * header  = "glibc-ld.so.cache" "1.1" count stringsSize flags(8 bits, 2 = little-endian, 0 = not said)
 *           padding(24 bits) extensionOffset unused(96 bits)
 * old     = "ld.so-1.7.0" count (flags name path)*       padded to 8 bytes
 * entry   = flags name path osVersion hwcap(64 bits)     name, path: offsets from the header to NUL-ended strings
 * </pre>
 *
 * <p>Hostile input: counts and offsets are checked against the file's length. Immutable and thread-safe. Source:
 * glibc, {@code sysdeps/generic/dl-cache.h}.
 */
final class LoaderCache {
  /** Several times what the largest installations have. */
  static final int MAX_SIZE = 16 << 20;

  private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OLD_MAGIC = "ld.so-1.7.0".getBytes(StandardCharsets.US_ASCII);
  private static final int OLD_HEADER_SIZE = 16;
  private static final int OLD_ENTRY_SIZE = 12;
  private static final int HEADER_SIZE = 48;
  private static final int ENTRY_SIZE = 24;
  private static final int ALIGNMENT = 8;
  /** {@code PATH_MAX}. */
  private static final int MAX_STRING = 4096;
  /** {@code FLAG_ELF_LIBC6}. */
  private static final int ELF_LIBC6 = 0x0003;

  private final String file;
  private final ByteBuffer bytes;
  private final int start;
  private final int count;
  private final int flags;

  private LoaderCache(String file, ByteBuffer bytes, int start, int count, int flags) {
    this.file = file;
    this.bytes = bytes;
    this.start = start;
    this.count = count;
    this.flags = flags;
  }

  /** A cache without entries. */
  static LoaderCache empty() {
    return new LoaderCache("", ByteBuffer.allocate(0), 0, 0, 0);
  }

  /**
   * Reads a cache.
   *
   * @param content the whole file; kept, so not to be changed
   * @param machine whose entries count; a cache may hold those of several
   * @param file the name in errors
   * @throws LoaderCacheException if it is not one, or its header is damaged
   */
  static LoaderCache parse(byte[] content, Machine machine, String file) throws LoaderCacheException {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int start = begins(bytes, 0, OLD_MAGIC) ? afterOldFormat(bytes, file) : 0;
    if (!begins(bytes, start, MAGIC) || bytes.limit() - start < HEADER_SIZE) {
      throw new LoaderCacheException(file, "it has no header of the format glibc-ld.so.cache1.1");
    }
    int byteOrder = bytes.get(start + 28) & 3;
    if (byteOrder != 0 && byteOrder != 2) {
      throw new LoaderCacheException(file, "it was made for another byte order");
    }
    long count = Integer.toUnsignedLong(bytes.getInt(start + 20));
    if (count > (bytes.limit() - start - HEADER_SIZE) / ENTRY_SIZE) {
      throw new LoaderCacheException(file, "it says it has " + count + " entries, but is too short for them");
    }
    return new LoaderCache(file, bytes, start, (int) count, ELF_LIBC6 | libraryFlag(machine));
  }

  private static int afterOldFormat(ByteBuffer bytes, String file) throws LoaderCacheException {
    long count = bytes.limit() < OLD_HEADER_SIZE ? -1 : Integer.toUnsignedLong(bytes.getInt(12));
    long end = OLD_HEADER_SIZE + count * OLD_ENTRY_SIZE;
    long aligned = (end + ALIGNMENT - 1) & -ALIGNMENT;
    if (count < 0 || aligned > bytes.limit()) {
      throw new LoaderCacheException(file, "its part in the old format does not end");
    }
    return (int) aligned;
  }

  private static int libraryFlag(Machine machine) {
    return switch (machine) {
      case X86_64 -> 0x0300; // FLAG_X8664_LIB64
      case AARCH64 -> 0x0a00; // FLAG_AARCH64_LIB64
    };
  }

  private static boolean begins(ByteBuffer bytes, int at, byte[] magic) {
    return bytes.limit() - at >= magic.length && bytes.slice(at, magic.length).equals(ByteBuffer.wrap(magic));
  }

  /**
   * The files that the loader may take for a name: first the one for every processor, if there is one, then those for
   * particular processors ({@code glibc-hwcaps}).
   *
   * @param name a library's name without a slash
   * @return absolute paths as they are in the cache; not looked at
   * @throws LoaderCacheException if one of the entries is damaged
   */
  List<String> lookup(String name) throws LoaderCacheException {
    byte[] wanted = (name + "\0").getBytes(StandardCharsets.UTF_8);
    List<String> paths = new ArrayList<>(1);
    // One pass over the flags and first bytes costs less than building a map for the few names that are asked for.
    for (int i = 0; i < count; i++) {
      int entry = start + HEADER_SIZE + i * ENTRY_SIZE;
      if (bytes.getInt(entry) != flags || !matches(bytes.getInt(entry + 4), wanted)) {
        continue;
      }
      boolean forEveryProcessor = bytes.getLong(entry + 16) == 0;
      paths.add(forEveryProcessor ? 0 : paths.size(), path(bytes.getInt(entry + 8), name));
    }
    return paths;
  }

  private boolean matches(int offset, byte[] wanted) throws LoaderCacheException {
    long at = at(offset);
    if (at + wanted.length > bytes.limit()) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes.get((int) at + i) != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private String path(int offset, String name) throws LoaderCacheException {
    int at = (int) at(offset);
    int end = at;
    while (end < bytes.limit() && bytes.get(end) != 0 && end - at < MAX_STRING) {
      end++;
    }
    if (end == bytes.limit() || bytes.get(end) != 0) {
      throw new LoaderCacheException(file, "the path of " + name + " does not end");
    }
    byte[] text = new byte[end - at];
    bytes.get(at, text);
    String path = new String(text, StandardCharsets.UTF_8);
    if (!path.startsWith("/")) {
      throw new LoaderCacheException(file, "the path of " + name + " is not absolute");
    }
    return path;
  }

  private long at(int offset) throws LoaderCacheException {
    long at = start + Integer.toUnsignedLong(offset);
    if (at >= bytes.limit()) {
      throw new LoaderCacheException(file, "an entry points behind its end");
    }
    return at;
  }
}
