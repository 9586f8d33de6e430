package dev.embryo.runtime.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * libseccomp is missing, too old, or refused what was asked of it.
 *
 * <p>The message says what was tried, what the library said and what to do about it.
 */
public final class LibseccompException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  LibseccompException(String message) {
    super(message);
    this.errno = 0;
  }

  LibseccompException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.errno = 0;
  }

  LibseccompException(String what, int errno) {
    super(what + ": " + Errno.name(errno) + meaning(errno));
    this.errno = errno;
  }

  /** The positive error number that libseccomp or the kernel gave; 0 if there was none. */
  public int errno() {
    return errno;
  }

  /** What libseccomp means by the numbers it returns: seccomp_rule_add(3), seccomp_attr_set(3). */
  private static String meaning(int errno) {
    return switch (errno) {
      case 12 -> " (out of memory)";
      case 13 -> " (the rule's action is the filter's default action)";
      case 17 -> " (the attribute or the rule exists already, or is unknown to this build)";
      case 22 -> " (invalid argument)";
      case 33 -> " (architecture failure)";
      case 95 -> " (not supported by this kernel)";
      case 125 -> " (the kernel or libc failed underneath)";
      default -> "";
    };
  }
}
