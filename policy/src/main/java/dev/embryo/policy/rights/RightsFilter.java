package dev.embryo.policy.rights;

import dev.embryo.policy.model.Command;
import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.IoctlCommand;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.CallSwitch;
import dev.embryo.runtime.seccomp.CallSwitch.Branch;
import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of the filter that withholds rights by descriptor number: whatever the {@link RightsTable} has a right for that a
 * descriptor's capability lacks fails with {@code EPERM}. It denies and never allows by number, so a number that the program
 * has closed and used again can do no more than the surface filter lets it.
 *
 * <p>Numbers are compared at 32 bits, which is what the kernel reads. Stateless.
 */
public final class RightsFilter {
  /** So many comparisons a jump of BPF can pass over. */
  private static final int WITHIN_A_JUMP = 64;

  private RightsFilter() {}

  /**
   * The rules.
   *
   * @param withheld the descriptors that are restricted
   * @param taken the calls that are taken away whatever their descriptors, and how they fail; of the two one is not empty
   */
  public static FilterRules rules(List<Withheld> withheld, Map<String, Action> taken) {
    var rules = taken.entrySet().stream().map(each -> new Rule(each.getKey(), List.of(), each.getValue())).toList();
    var switches = new ArrayList<CallSwitch>();
    for (RightsRow row : RightsTable.rows()) {
      if (taken.containsKey(row.call())) {
        continue;
      }
      var branches = switch (row.call()) {
        case "fcntl" -> commands(withheld, FcntlCommand.values());
        case "ioctl" -> withheld.isEmpty() ? List.<Branch>of() : ioctls(withheld);
        default -> uses(row, withheld);
      };
      if (!branches.isEmpty()) {
        switches.add(new CallSwitch(row.call(), branches, Action.ALLOW));
      }
    }
    return new FilterRules(Action.ALLOW, rules, switches);
  }

  /**
   * The right that is missing for a call.
   *
   * @param arguments six of them
   * @return how a policy would write it; empty if nothing is withheld that the call takes
   */
  public static Optional<String> missing(Withheld withheld, String call, List<Long> arguments) {
    var refused = rules(List.of(withheld), Map.of()).switches().stream()
        .filter(each -> each.call().equals(call) && !each.answer(arguments).equals(Action.ALLOW)).findFirst();
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    return switch (call) {
      case "fcntl" -> Optional.of(missing(Right.FCNTL, FcntlCommand.values(), arguments));
      case "ioctl" -> Optional.of(missing(Right.IOCTL, IoctlCommand.values(), arguments));
      default -> RightsTable.row(call).uses().stream()
          .filter(use -> !use.permitted(withheld.rights().set()))
          .filter(use -> Comparison.is(use.argument(), withheld.number()).matches(arguments)
              && use.when().stream().allMatch(each -> each.matches(arguments)))
          .map(use -> use.anyOf().iterator().next().word()).findFirst();
    };
  }

  private static String missing(Right byName, Command[] commands, List<Long> arguments) {
    int given = (int) (long) arguments.get(1);
    return Arrays.stream(commands).filter(command -> command.number() == given)
        .findFirst()
        .map(command -> command.anyOf().stream().filter(right -> right != byName).map(Right::word).findFirst()
            .orElse("{" + byName + ": [" + command.name() + "]}"))
        .orElse(byName + " " + Integer.toHexString(given));
  }

  private static List<Branch> uses(RightsRow row, List<Withheld> withheld) {
    var branches = new ArrayList<Branch>();
    for (Use use : row.uses()) {
      for (Withheld each : withheld) {
        if (!use.permitted(each.rights().set())) {
          var when = new ArrayList<>(use.when());
          when.add(0, Comparison.is(use.argument(), each.number()));
          branches.add(new Branch(when, Action.EPERM));
        }
      }
    }
    return branches;
  }

  /** On each descriptor the commands that its rights allow, and no other. */
  private static List<Branch> commands(List<Withheld> withheld, Command... commands) {
    var groups = new LinkedHashMap<List<Command>, List<Withheld>>();
    for (Withheld each : withheld) {
      var given = Arrays.stream(commands).filter(command -> mayGive(command, each.rights())).toList();
      groups.computeIfAbsent(given, none -> new ArrayList<>()).add(each);
    }
    var branches = new ArrayList<Branch>();
    groups.forEach((given, group) ->
        branches.addAll(withheld.size() <= WITHIN_A_JUMP && groups.size() == 1 ? alone(given, group) : beside(given, group)));
    return branches;
  }

  /** All that are restricted may be given the same commands: nothing has to be compared twice. */
  private static List<Branch> alone(List<Command> given, List<Withheld> group) {
    var branches = new ArrayList<Branch>();
    branches.add(new Branch(group.stream()
        .map(each -> Comparison.of(0, Integer.SIZE, Operator.NOT_EQUAL, each.number())).toList(), Action.ALLOW));
    given.forEach(command -> branches.add(new Branch(List.of(Comparison.is(1, command.number())), Action.ALLOW)));
    branches.add(new Branch(List.of(), Action.EPERM));
    return branches;
  }

  private static List<Branch> beside(List<Command> given, List<Withheld> group) {
    var branches = new ArrayList<Branch>();
    for (Withheld each : group) {
      var itself = Comparison.is(0, each.number());
      given.forEach(command -> branches.add(
          new Branch(List.of(itself, Comparison.is(1, command.number())), Action.ALLOW)));
      branches.add(new Branch(List.of(itself), Action.EPERM));
    }
    return branches;
  }

  /** A command by which a file is read whose descriptor is no filter's to see goes for all descriptors. */
  private static List<Branch> ioctls(List<Withheld> withheld) {
    var branches = new ArrayList<Branch>();
    for (IoctlCommand hidden : List.of(IoctlCommand.FICLONERANGE, IoctlCommand.FIDEDUPERANGE)) {
      branches.add(new Branch(List.of(Comparison.is(1, hidden.number())), Action.EPERM));
    }
    for (Withheld each : withheld) {
      if (!each.rights().has(Right.READ)) {
        branches.add(new Branch(
            List.of(Comparison.is(1, IoctlCommand.FICLONE.number()), Comparison.is(2, each.number())), Action.EPERM));
      }
    }
    branches.addAll(commands(withheld, IoctlCommand.values()));
    return branches;
  }

  private static boolean mayGive(Command command, Rights rights) {
    var byName = command instanceof FcntlCommand ? Right.FCNTL : Right.IOCTL;
    return command.anyOf().isEmpty() || rights.named(byName).contains(command.number())
        || command.anyOf().stream().anyMatch(right -> right != byName && rights.has(right));
  }
}
