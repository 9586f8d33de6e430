package dev.embryo.runtime.linux;

import com.sun.jna.Native;
import java.util.concurrent.ConcurrentHashMap;

/** temporary: replaced by the seccomp slice */
public final class SystemCalls {
  private static final ConcurrentHashMap<String, Integer> NUMBERS = new ConcurrentHashMap<>();
  static {
    Native.register(SystemCalls.class, "libseccomp.so.2");
  }
  private SystemCalls() {}
  private static native int seccomp_syscall_resolve_name(String name);
  public static int number(String name) {
    return NUMBERS.computeIfAbsent(name, n -> seccomp_syscall_resolve_name(n));
  }
}
