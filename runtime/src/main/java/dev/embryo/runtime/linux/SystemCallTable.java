package dev.embryo.runtime.linux;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of one architecture, as this machine's libseccomp knows them.
 *
 * <p>Each answer is asked of the library once. Safe for use by several threads.
 */
public final class SystemCallTable {
  /**
   * Since Linux 5.1 a new call has the same number on every architecture, and numbers from this one
   * ({@code pidfd_send_signal}) on are given out without gaps.
   */
  private static final int FIRST_UNIFIED = 424;

  /** No kernel numbers its calls higher; beyond it a search for names stops. */
  private static final int SEARCH_END = 1024;

  /** A build may lack a call or two that the architecture does not have; not as many as this. */
  private static final int WIDEST_GAP = 32;

  private final Libseccomp libseccomp;
  private final Architecture architecture;
  private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
  private final Map<Integer, String> names = new ConcurrentHashMap<>();
  private volatile int highest; // 0 until it was looked for; two threads may look at once and find the same, as for the next
  private volatile @Nullable SortedMap<Integer, String> all;

  SystemCallTable(Libseccomp libseccomp, Architecture architecture) {
    this.libseccomp = libseccomp;
    this.architecture = architecture;
  }

  /** The architecture whose numbers these are. */
  public Architecture architecture() {
    return architecture;
  }

  /**
   * The number of a call; empty if the architecture has no such call, or the library is older than
   * the call.
   */
  public OptionalInt number(String name) {
    Integer number = numbers.get(name);
    if (number == null) {
      number = libseccomp.resolve(architecture, name);
      numbers.put(name, number);
    }
    return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /**
   * The number of a call that has to be there, such as {@code close}.
   *
   * @throws LibseccompException if the library does not know it
   */
  public int require(String name) throws LibseccompException {
    OptionalInt number = number(name);
    if (number.isEmpty()) {
      throw new LibseccompException(
          "libseccomp %s knows no system call '%s' on %s"
              .formatted(libseccomp.version(), name, architecture.label()));
    }
    return number.getAsInt();
  }

  /** The name of a call number; empty if the library knows none. */
  public Optional<String> name(int number) {
    String name = names.get(number);
    if (name == null) {
      name = libseccomp.resolve(architecture, number);
      names.put(number, name);
    }
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  /** The highest number that the library has a name for. */
  public int highest() {
    if (highest == 0) {
      int found = FIRST_UNIFIED;
      for (int number = found; number <= found + WIDEST_GAP; number++) {
        if (name(number).isPresent()) {
          found = number;
        }
      }
      highest = found;
    }
    return highest;
  }

  /** Every call that the library knows on this architecture, by number. */
  public SortedMap<Integer, String> all() {
    SortedMap<Integer, String> known = all;
    if (known == null) {
      SortedMap<Integer, String> found = new TreeMap<>();
      for (int number = 0; number < SEARCH_END; number++) {
        Optional<String> name = name(number);
        if (name.isPresent()) {
          found.put(number, name.get());
        }
      }
      known = Collections.unmodifiableSortedMap(found);
      all = known;
    }
    return known;
  }
}
