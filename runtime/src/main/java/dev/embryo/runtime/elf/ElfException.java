package dev.embryo.runtime.elf;

import java.io.IOException;

/**
 * A file that is not an ELF file which can be started or loaded here. The message names the file and what is wrong.
 */
public final class ElfException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What kind of thing was found instead. */
  public enum Reason {
    /** Neither ELF nor a script. */
    NOT_ELF,
    /** A script: the file begins with {@code #!}. */
    SCRIPT,
    /** A sound ELF header of another class, byte order or machine than ELF64 little-endian x86-64 or aarch64. */
    FOREIGN,
    /** An ELF file for another purpose: an object file, a core dump. */
    NOT_LOADABLE,
    /** An ELF file whose headers contradict themselves or the file's length. */
    DAMAGED
  }

  private final String file;
  private final Reason reason;

  ElfException(String file, Reason reason, String what) {
    super(file + ": " + what);
    this.file = file;
    this.reason = reason;
  }

  /** The name of the file as it was given to the reader. */
  public String file() {
    return file;
  }

  /** What kind of thing was found instead. */
  public Reason reason() {
    return reason;
  }
}
