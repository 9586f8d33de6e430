package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.Granted;
import dev.embryo.policy.compile.ProgramFilters.Named;
import dev.embryo.policy.compile.Refused;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Simulator;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What would become of a system call, and because of what. The filters are those that a launch installs, run by {@link Simulator};
 * the files are looked for in the root that a launch makes, and on the host as it is now. Immutable.
 *
 * @param call the call with its arguments, as strace(1) writes them
 * @param outcome what becomes of it
 * @param errno the error with which it fails; empty if it does not
 * @param reason because of what, in words that end a sentence
 * @param remedy what to write in the policy so that it is allowed; empty if nothing would, or nothing is known to
 * @param page what each layer says
 */
public record Why(String call, Outcome outcome, OptionalInt errno, String reason, Optional<String> remedy, Page page) {
  /** On x86-64, since 6.11 and 6.18: the kernel's own trampolines make them, and no filter sees them. */
  private static final Set<Integer> UNFILTERED = Set.of(335, 336);

  private static final String SECCOMP = "seccomp";

  /** What becomes of a call. */
  public enum Outcome {
    /** The sandbox does not stand in its way; the kernel does it as it would for any program. */
    ALLOWED,
    /** It fails. */
    FAILS,
    /** The process is killed by SIGSYS. */
    KILLS
  }

  /**
   * Answers a question.
   *
   * @throws IOException if the host's files cannot be looked at
   */
  public static Why of(CompiledPolicy compiled, Question question) throws IOException {
    if (question.data().architecture() == Architecture.X86_64.token() && UNFILTERED.contains(question.data().number())) {
      return unfiltered(compiled, question);
    }
    var page = new PageBuilder();
    var answer = filters(page, compiled, question);
    var arguments = question.data().arguments();
    if (!answer.permits()) {
      var refused = Refused.of(compiled.policy(), compiled.withholding(), compiled.filters(), question.call(), arguments);
      boolean kills = answer.errno().isEmpty() && !answer.equals(Action.USER_NOTIF);
      return why(compiled, question, page, kills ? Outcome.KILLS : Outcome.FAILS,
          kills ? OptionalInt.empty() : OptionalInt.of(compiled.filters().errno(question.data())), refused.why(), refused.remedy());
    }
    var path = PathAnswer.of(page, compiled, question);
    if (path.isPresent()) {
      var verdict = path.get();
      page.row("and so", verdict.errno().map(Errno::name).orElse("nothing is in the way"), verdict.layer().isEmpty() ? "no layer" : verdict.layer())
          .fact("layer", verdict.layer());
      return why(compiled, question, page, verdict.errno().isPresent() ? Outcome.FAILS : Outcome.ALLOWED,
          verdict.errno().map(errno -> OptionalInt.of(errno.number())).orElse(OptionalInt.empty()), verdict.reason(), Optional.empty());
    }
    return why(compiled, question, page, Outcome.ALLOWED, OptionalInt.empty(),
        Granted.why(compiled.policy(), compiled.filters(), question.call(), arguments), Optional.empty());
  }

  private static Why unfiltered(CompiledPolicy compiled, Question question) {
    var page = new PageBuilder();
    page.heading("filters", "what the filters say");
    page.row("none is asked", "the kernel lets its own trampolines make this call, and kills whoever else does", "kernel");
    return why(compiled, question, page, Outcome.KILLS, OptionalInt.empty(), "it works only from the kernel's own trampolines",
        Optional.empty());
  }

  /** The answer of each filter, and of all. */
  private static Action filters(PageBuilder page, CompiledPolicy compiled, Question question) {
    var stack = compiled.filters().named();
    var answer = Simulator.run(compiled.filters().inOrder(), question.data());
    Optional<Named> decides = Optional.empty();
    for (Named each : stack) {
      if (Simulator.run(each.filter(), question.data()).equals(answer)) {
        decides = Optional.of(each); // among equals, the last one installed
      }
    }
    page.heading("filters", "what the filters say");
    for (Named each : stack) {
      var action = Simulator.run(each.filter(), question.data());
      boolean decisive = !answer.equals(Action.ALLOW) && decides.filter(each::equals).isPresent();
      page.row(each.name(), words(action) + (decisive && stack.size() > 1 ? "; this one decides" : ""), SECCOMP)
          .fact("filter", each.name()).fact("answer", action.toString()).fact("decides", decisive);
    }
    return answer;
  }

  private static String words(Action action) {
    return action.equals(Action.USER_NOTIF) ? "asks, and nobody answers any more: ENOSYS"
        : action.errno().isPresent() ? Errno.name(action.errno().getAsInt()) : action.toString();
  }

  private static Why why(CompiledPolicy compiled, Question question, PageBuilder page, Outcome outcome, OptionalInt errno,
      String reason, Optional<String> remedy) {
    return new Why(question.toString(), outcome, errno, reason, remedy,
        page.page(compiled.policy().name(), compiled.policy().version()));
  }

  /** Whether the sandbox lets it pass. */
  public boolean isAllowed() {
    return outcome == Outcome.ALLOWED;
  }

  /** The call, what becomes of it and why, on one line; what would allow it; and the page. */
  @Override
  public String toString() {
    String becomes = outcome == Outcome.KILLS ? "kills the process"
        : errno.isPresent() ? Errno.name(errno.getAsInt()) : "allowed";
    return call + ": " + becomes + ": " + reason + "\n" + remedy.map(text -> "to allow it, write: " + text + "\n").orElse("")
        + "\n" + page;
  }
}
