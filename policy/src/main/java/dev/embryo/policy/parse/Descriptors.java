package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives the capabilities of a policy their descriptor numbers.
 *
 * <p>Those without a number of their own stand together from 3 on, in the order of the text, because programs that
 * look for passed descriptors (LISTEN_FDS of sd_listen_fds(3)) expect no gap there; numbers that the policy fixes lie
 * before or after them.
 */
final class Descriptors {

  private static final int FIRST = 3;

  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<Integer, String> owners = new HashMap<>();
  private final int end;
  private final int limit;

  /** Settles the numbers, and notes a problem for each that cannot be. */
  Descriptors(List<Draft> drafts, Values values, Problems problems) {
    int next = FIRST;
    for (Draft draft : drafts) {
      if (draft.automatic()) {
        numbers.put(draft.name(), next++);
      }
      draft.fixed().ifPresent(number -> numbers.put(draft.name(), number));
    }
    end = next;
    limit = values.get(KeyTable.OPEN_FILES);
    for (Draft draft : drafts) {
      of(draft).ifPresent(number -> take(draft, number, values, problems));
    }
  }

  /** The number of the capability, if it is a descriptor. */
  OptionalInt of(Draft draft) {
    Integer number = numbers.get(draft.name());
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  private void take(Draft draft, int number, Values values, Problems problems) {
    String fd = KeyTable.FD.path(draft.name());
    boolean written = values.find(KeyTable.FD, draft.name()).isPresent();
    Position position = written ? values.places().at(fd) : draft.position();
    refusal(draft, number)
        .ifPresentOrElse(
            message -> problems.at(written ? fd : draft.path(), position, message),
            () -> owners.put(number, draft.name()));
  }

  private Optional<String> refusal(Draft draft, int number) {
    if (number >= limit) {
      return Optional.of("descriptor " + number + " is beyond limits.open-files, " + limit);
    }
    if (!draft.automatic() && FIRST <= number && number < end) {
      return Optional.of("the capabilities without 'fd' take descriptors " + FIRST + " to " + (end - 1)
          + "; choose " + end + " or more");
    }
    return Optional.ofNullable(owners.get(number))
        .map(owner -> "descriptor " + number + " is that of '" + owner + "' already");
  }
}
