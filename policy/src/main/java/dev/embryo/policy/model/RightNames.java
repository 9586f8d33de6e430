package dev.embryo.policy.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** The names of what a policy lists for the rights that hold a list: commands and signals. Stateless. */
public final class RightNames {
  private static final Map<Right, Map<String, Integer>> NAMES = new EnumMap<>(Map.of(
      Right.FCNTL, table(FcntlCommand.values(), FcntlCommand::number),
      Right.IOCTL, table(IoctlCommand.values(), IoctlCommand::number),
      Right.SIGNAL, table(Signal.values(), Signal::number)));

  private RightNames() {}

  private static <E extends Enum<E>> Map<String, Integer> table(E[] values, ToIntFunction<E> number) {
    var table = new LinkedHashMap<String, Integer>();
    Arrays.stream(values).forEach(each -> table.put(each.name(), number.applyAsInt(each)));
    return Collections.unmodifiableMap(table);
  }

  /** The rights that hold a list. */
  public static Set<Right> rights() {
    return Collections.unmodifiableSet(NAMES.keySet());
  }

  /** Names and numbers of all that can stand in the list of a right; empty for a right that holds none. */
  public static Map<String, Integer> of(Right right) {
    return NAMES.getOrDefault(right, Map.of());
  }

  /** A list as a policy writes it, such as {@code [TERM, KILL]}. */
  public static String write(Right right, Collection<Integer> numbers) {
    return numbers.stream().map(number -> name(right, number)).collect(Collectors.joining(", ", "[", "]"));
  }

  /** The name of a number in the list of a right; the number itself if it has none. */
  public static String name(Right right, int number) {
    return of(right).entrySet().stream().filter(each -> each.getValue() == number).map(Map.Entry::getKey).findFirst()
        .orElse(Integer.toUnsignedString(number));
  }
}
