package dev.embryo.runtime.elf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * What the headers of an ELF64 little-endian file for x86-64 or aarch64 say about how it is started.
 *
 * <p>Strings are taken from the file as they are: {@code $ORIGIN} and its like are not expanded, lists separated by
 * colons are not split. They hold no NUL and are valid UTF-8, nothing else is promised of them.
 *
 * <p>Immutable and thread-safe. Source: elf(5), ld.so(8).
 *
 * @param type {@code e_type}
 * @param machine {@code e_machine}
 * @param entryPoint {@code e_entry}, a virtual address; 0 when the file has no entry point
 * @param interpreter the path in {@code PT_INTERP}: the dynamic loader that the kernel starts in the file's stead
 * @param needed the {@code DT_NEEDED} entries, in the order of the file
 * @param soname {@code DT_SONAME}
 * @param rpath {@code DT_RPATH}; the loader ignores it when there is a {@code DT_RUNPATH}
 * @param runpath {@code DT_RUNPATH}
 * @param markedPie whether {@code DF_1_PIE} is set: position-independent, and meant to be a program
 * @param noDefaultLibraries whether {@code DF_1_NODEFLIB} is set: the loader searches no default directory for it
 */
public record Elf(
    Type type,
    Machine machine,
    long entryPoint,
    Optional<String> interpreter,
    List<String> needed,
    Optional<String> soname,
    Optional<String> rpath,
    Optional<String> runpath,
    boolean markedPie,
    boolean noDefaultLibraries) {

  /** The value of {@code e_type}, as far as the kernel can start or the loader can load it. */
  public enum Type {
    /** {@code ET_EXEC}: a program at a fixed address. */
    EXECUTABLE,
    /** {@code ET_DYN}: a position-independent program or a shared library. */
    SHARED
  }

  /** Copies the list. */
  public Elf {
    needed = List.copyOf(needed);
  }

  /**
   * Reads the headers of a file, following symbolic links. Opening a FIFO waits for its writer: ask first whether the
   * path is a regular file.
   *
   * @param file the file; its path is the name in errors
   * @return what the headers say
   * @throws ElfException if it is not such a file, or a damaged one
   * @throws IOException if it cannot be opened or read
   */
  public static Elf read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, file.toString());
    }
  }

  /**
   * Reads the headers of an open file. The channel's position neither matters nor changes; the channel stays open.
   *
   * @param channel a readable channel of a regular file
   * @param name the name in errors
   * @return what the headers say
   * @throws ElfException if it is not such a file, or a damaged one
   * @throws IOException if it cannot be read
   */
  public static Elf read(FileChannel channel, String name) throws IOException {
    return new ElfReader(BoundedBytes.of(channel, name)).read();
  }

  /**
   * Reads the headers of a file that is wholly in memory.
   *
   * @param bytes the file; not changed, not kept
   * @param name the name in errors
   * @return what the headers say
   * @throws ElfException if it is not such a file, or a damaged one
   */
  public static Elf parse(byte[] bytes, String name) throws ElfException {
    try {
      return new ElfReader(BoundedBytes.of(bytes, name)).read();
    } catch (ElfException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("reading an array did input or output", e);
    }
  }

  /** Whether the kernel starts it alone: it names no interpreter and needs no library. */
  public boolean isStatic() {
    return interpreter.isEmpty() && needed.isEmpty();
  }

  /** Whether it can be loaded at any address. */
  public boolean isPositionIndependent() {
    return type == Type.SHARED;
  }
}
