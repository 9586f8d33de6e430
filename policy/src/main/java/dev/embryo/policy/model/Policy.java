package dev.embryo.policy.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The whole authority of a program: what it is, what it holds, and what is kept from it.
 *
 * @param name {@code [a-z0-9][a-z0-9._/-]{0,127}}
 * @param version 1 to 2147483647, rising with each release; 1 unless written
 * @param program what is run
 * @param capabilities what it holds, by name, in the order of the text; only what the text names (see {@link
 *         #descriptors()})
 * @param passed the capabilities without a number of their own, by name: they are at the numbers from 3 on, in this order
 * @param filesystem what else its private root shows
 * @param processes threads, children, execution
 * @param systemCalls what else it may ask of the kernel, and what not
 * @param limits how much it may use
 * @param identity who it runs as
 * @param isolation the layers it insists on
 * @param places where each key stands in the text
 */
public record Policy(
    String name,
    int version,
    Program program,
    Map<String, Capability> capabilities,
    List<String> passed,
    Filesystem filesystem,
    Processes processes,
    SystemCallRules systemCalls,
    Limits limits,
    Identity identity,
    Isolation isolation,
    Places places) {

  /** The names of descriptors 0, 1 and 2, in this order. */
  public static final List<String> STANDARD_STREAMS = List.of("stdin", "stdout", "stderr");

  /** Keeps copies of the collections. */
  public Policy {
    capabilities = Collections.unmodifiableMap(new LinkedHashMap<>(capabilities));
    passed = List.copyOf(passed);
  }

  /**
   * The complete descriptor table with which the program starts: by number, ascending, the capability at it.
   *
   * <p>The numbers 0, 1 and 2 are always taken. Those that the policy leaves out hold the null device, because a
   * program that starts with one of them closed writes its messages into the next file that it opens.
   */
  public SortedMap<Integer, Capability> descriptors() {
    TreeMap<Integer, Capability> table = new TreeMap<>();
    capabilities.values().forEach(c -> c.fd().ifPresent(number -> table.put(number, c)));
    for (int number = 0; number < STANDARD_STREAMS.size(); number++) {
      table.putIfAbsent(number, impliedNull(number));
    }
    return Collections.unmodifiableSortedMap(table);
  }

  private Capability impliedNull(int number) {
    return new Null(
        STANDARD_STREAMS.get(number),
        Rights.of(Right.READ, Right.WRITE, Right.DUPLICATE),
        OptionalInt.of(number),
        Optional.empty(),
        places.at("capabilities"));
  }
}
