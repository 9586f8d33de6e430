package dev.embryo.policy.resolve;

/** What a mount in the view is there for, and so what may be done with the files in it. */
public enum MountUse {
  /** The program's executable: read and execute. */
  PROGRAM,
  /** The program's ELF interpreter: read and execute, since the kernel executes it to start the program. */
  INTERPRETER,
  /** A library, or the loader's cache: read (mapping it as code needs no more). */
  LIBRARY,
  /** A granted directory or file: read. */
  DATA_READ,
  /** A granted directory or file: read and write. */
  DATA_WRITE,
  /** A granted file: write. */
  DATA_WRITE_ONLY,
  /** A harmless device: read and write. */
  DEVICE,
  /** A system directory of the host ({@code programs: system}): read and execute. */
  SYSTEM
}
