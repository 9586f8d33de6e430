package dev.embryo.policy.explain;

import dev.embryo.runtime.birth.ResourceLimit;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/** Amounts in words, and the limits of a policy by the kernel's names. */
final class Quantities {
  private static final String[] UNITS = {"GiB", "MiB", "KiB"};

  /** A limit as a policy calls it, and how its values read. */
  record Limit(String key, LongFunction<String> words) {
    String print(long value) {
      return words.apply(value);
    }
  }

  private static final Map<ResourceLimit, Limit> LIMITS = limits();

  private Quantities() {}

  private static Map<ResourceLimit, Limit> limits() {
    var table = new EnumMap<ResourceLimit, Limit>(ResourceLimit.class);
    table.put(ResourceLimit.CPU, new Limit("cpu-time", value -> value + " s of processor time, each process"));
    table.put(ResourceLimit.FSIZE, new Limit("file-size", value -> bytes(value) + ", each file that it writes"));
    table.put(ResourceLimit.DATA, new Limit("memory", value -> bytes(value) + " of private memory, each process"));
    table.put(ResourceLimit.STACK, new Limit("stack", value -> bytes(value) + ", the first thread"));
    table.put(ResourceLimit.CORE, new Limit("core", value -> value <= 1 ? "no core dumps" : bytes(value)));
    table.put(ResourceLimit.NPROC, new Limit("processes", value -> value + " processes and threads"));
    table.put(ResourceLimit.NOFILE, new Limit("open-files", value -> value + " descriptors at once, each process"));
    table.put(ResourceLimit.MEMLOCK, new Limit("locked-memory", Quantities::bytes));
    table.put(ResourceLimit.MSGQUEUE, new Limit("message-queues", Quantities::bytes));
    table.put(ResourceLimit.NICE, new Limit("priority", value -> value == 0 ? "never above normal"
        : "nice down to " + (20 - value)));
    table.put(ResourceLimit.RTPRIO, new Limit("real-time", value -> value == 0 ? "never" : "priority " + value));
    return table;
  }

  /** The limit's name and values in words; empty for those without effect. */
  static Optional<Limit> limit(ResourceLimit limit) {
    return Optional.ofNullable(LIMITS.get(limit));
  }

  /** A time in seconds, with a fraction if there is one: {@code 1.5 s}. */
  static String time(Duration time) {
    return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  /** A number of bytes in the largest unit that divides it: {@code 64 MiB}. */
  static String bytes(long bytes) {
    for (int i = 0; i < UNITS.length; i++) {
      long unit = 1L << (30 - 10 * i);
      if (bytes >= unit && bytes % unit == 0) {
        return bytes / unit + " " + UNITS[i];
      }
    }
    return bytes + (bytes == 1 ? " byte" : " bytes");
  }
}
