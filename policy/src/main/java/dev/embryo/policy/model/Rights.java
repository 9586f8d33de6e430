package dev.embryo.policy.model;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The rights of one capability: exactly what may be done with it, short forms already spelt out.
 *
 * <p>With {@link Right#DUPLICATE} nothing can be withheld by descriptor number, because the program may keep the thing at
 * another one: a descriptor then has whatever its open mode allows, and the open mode is made of the other rights.
 *
 * @param set the rights, in the order of {@link Right}; never empty in a parsed policy
 * @param named what the policy names one by one: the commands of {@link Right#IOCTL} and {@link Right#FCNTL}, the signals of
 *     {@link Right#SIGNAL}; none empty, and none of a right that is not in the set
 */
public record Rights(Set<Right> set, Map<Right, Set<Integer>> named) {

  private static final Set<Right> TO_WRITE =
      EnumSet.of(Right.WRITE, Right.APPEND, Right.TRUNCATE, Right.ALLOCATE, Right.MAP_WRITE);

  /** What the open mode of a descriptor does not bring. */
  private static final Set<Right> WITHOUT_MODE = EnumSet.of(Right.CONNECT, Right.SEND_FDS, Right.RECEIVE_FDS);

  /** Keeps copies. */
  public Rights {
    set = copy(set);
    var numbers = new EnumMap<Right, Set<Integer>>(Right.class);
    named.forEach((right, each) -> numbers.put(right, Collections.unmodifiableSet(new TreeSet<>(each))));
    named = Collections.unmodifiableMap(numbers);
    if (!set.containsAll(named.keySet()) || named.values().stream().anyMatch(Set::isEmpty)) {
      throw new IllegalArgumentException("named for rights that are not there, or empty: " + named);
    }
  }

  /** Rights of which none names anything. */
  public Rights(Set<Right> set) {
    this(set, Map.of());
  }

  /** The given rights and no others. */
  public static Rights of(Right... rights) {
    return new Rights(copy(List.of(rights)));
  }

  private static Set<Right> copy(Collection<Right> rights) {
    EnumSet<Right> copy = EnumSet.noneOf(Right.class);
    copy.addAll(rights);
    return Collections.unmodifiableSet(copy);
  }

  /** Whether the right is among them. */
  public boolean has(Right right) {
    return set.contains(right);
  }

  /** Whether one of the rights is among them. */
  public boolean hasAny(Collection<Right> rights) {
    return rights.stream().anyMatch(set::contains);
  }

  /** What the policy names of a right, in ascending order; nothing where it names nothing. */
  public Set<Integer> named(Right right) {
    return named.getOrDefault(right, Set.of());
  }

  /**
   * Whether rights are withheld from a descriptor by its number: it has these and no others, whatever its open mode allows.
   */
  public boolean areExact() {
    return !has(Right.DUPLICATE);
  }

  /** Whether a descriptor has to be open for writing. */
  public boolean writes() {
    return hasAny(TO_WRITE);
  }

  /** Whether a descriptor has to be open for reading: also where it is open only to be asked about. */
  public boolean reads() {
    return has(Right.READ) || !writes();
  }

  /** Whether what has the others instead of these has nothing more: of a descriptor. */
  public boolean cover(Rights others) {
    EnumSet<Right> more = EnumSet.noneOf(Right.class);
    more.addAll(others.set);
    more.removeAll(set);
    if (has(Right.WRITE)) {
      more.remove(Right.APPEND); // which is writing, at the end
    }
    if (!areExact()) {
      more.removeIf(right -> !WITHOUT_MODE.contains(right) && (has(Right.READ) || right != Right.READ)
          && (writes() || !TO_WRITE.contains(right)));
    }
    return more.isEmpty() && (!areExact() || named.keySet().containsAll(others.named.keySet())
        && others.named.entrySet().stream().allMatch(each -> named(each.getKey()).containsAll(each.getValue())));
  }

  /** The rights of both. */
  public Rights and(Rights others) {
    EnumSet<Right> both = EnumSet.noneOf(Right.class);
    both.addAll(set);
    both.addAll(others.set);
    var numbers = new EnumMap<Right, Set<Integer>>(Right.class);
    numbers.putAll(named);
    others.named.forEach((right, each) -> {
      var all = new TreeSet<>(named(right));
      all.addAll(each);
      numbers.put(right, all);
    });
    return new Rights(both, numbers);
  }

  /** Each right as a policy would write it, in the order of {@link Right}. */
  public List<String> words() {
    return set.stream().map(this::written).toList();
  }

  /** {@code [read, write]}, as a policy would write it. */
  @Override
  public String toString() {
    return words().stream().collect(Collectors.joining(", ", "[", "]"));
  }

  private String written(Right right) {
    var numbers = named(right);
    return numbers.isEmpty() ? right.word() : "{" + right + ": " + RightNames.write(right, numbers) + "}";
  }
}
