package dev.embryo.launcher;

/** What a capability {@code inherit: 0}, {@code 1} or {@code 2} stands for in a launch by this library. */
public enum Stdio {
  /**
   * A new pipe, whose other end is {@link SandboxedProcess#getOutputStream()}, {@link SandboxedProcess#getInputStream()}
   * or {@link SandboxedProcess#getErrorStream()}.
   */
  PIPE,
  /** The JVM's own descriptor of that number. */
  INHERIT
}
