package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;

/**
 * What a mount in the view is there for, and so what may be done with the files in it. What may be executed is told apart
 * ({@link ResolvedPolicy#executables}).
 */
public enum MountUse {
  /** The program's executable. */
  PROGRAM,
  /** A file that the program may execute. */
  EXECUTABLE,
  /** An ELF interpreter, which the kernel executes to start a program. */
  INTERPRETER,
  /** The script that the policy names as its program: read. */
  SCRIPT,
  /** A file or directory of {@code filesystem.programs}: read, and map as code. */
  SHOWN,
  /** A library, or the loader's cache: read (mapping it as code needs no more). */
  LIBRARY,
  /** A granted directory or file: read. */
  DATA_READ,
  /** A granted directory or file: read and write. */
  DATA_WRITE,
  /** A granted file: write. */
  DATA_WRITE_ONLY,
  /** The controlling terminal, of which a terminal that may be read was granted, or one that may be written, or both. */
  TERMINAL_INPUT,
  TERMINAL_OUTPUT,
  TERMINAL,
  /** A harmless device: read and write. */
  DEVICE,
  /** A system directory of the host ({@code programs: system}): read, and map as code. */
  SYSTEM;

  /** The use of a granted directory. */
  public static MountUse ofDirectory(Rights rights) {
    return rights.hasAny(Right.CHANGING_TREES) ? DATA_WRITE : DATA_READ;
  }
}
