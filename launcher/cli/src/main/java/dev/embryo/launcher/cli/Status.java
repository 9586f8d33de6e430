package dev.embryo.launcher.cli;

/** Exit statuses of the command itself, as of env(1) and its like; every other status is the program's. */
final class Status {
  /** It did what it was asked. */
  static final int OK = 0;
  /** The launcher failed, or was called wrongly; the program did not run. */
  static final int LAUNCHER = 125;
  /** The program is there and could not be executed. */
  static final int CANNOT_EXECUTE = 126;
  /** There is no such program. */
  static final int NOT_FOUND = 127;

  private Status() {}
}
