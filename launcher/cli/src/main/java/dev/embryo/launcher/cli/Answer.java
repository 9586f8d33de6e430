package dev.embryo.launcher.cli;

import dev.embryo.launcher.Support;
import dev.embryo.policy.explain.Page;
import dev.embryo.policy.explain.Why;
import dev.embryo.policy.model.Problem;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.survey.Fact;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What commands answer with {@code --json}, as values that {@link Json} prints. Stateless. */
final class Answer {
  private Answer() {}

  /** Whether a policy can be run here: the status with which a run would end before it begins, and why. */
  static Map<String, Object> verdict(int status, List<Map<String, Object>> problems) {
    return members("runnable", status == Status.OK, "status", status, "problems", problems);
  }

  /** A problem of a policy. */
  static Map<String, Object> problem(Problem problem) {
    var place = problem.position();
    return members("file", place.file(), "line", place.line(), "column", place.column(), "key", problem.key(),
        "message", problem.message(), "kind", word(problem.kind()));
  }

  /** Any other failure. */
  static Map<String, Object> failure(String message) {
    return members("message", message, "kind", "launcher");
  }

  /** A page, with all that it says. */
  static Map<String, Object> page(Page page) {
    return members("policy", page.policy(), "version", page.version(),
        "sections", page.sections().stream().map(Answer::section).toList());
  }

  /** What becomes of a system call. */
  static Map<String, Object> why(Why why) {
    var answer = members("call", why.call(), "outcome", word(why.outcome()), "reason", why.reason());
    why.errno().ifPresent(errno -> answer.put("errno", Errno.name(errno)));
    why.remedy().ifPresent(remedy -> answer.put("remedy", remedy));
    answer.putAll(page(why.page()));
    return answer;
  }

  /** What a host offers. */
  static Map<String, Object> support(int status, Support support) {
    return members("verdict", word(support.verdict()), "status", status,
        "facts", support.facts().stream().map(Answer::fact).toList());
  }

  private static Map<String, Object> fact(Fact fact) {
    return members("name", fact.name(), "state", word(fact.state()), "need", word(fact.need()), "detail", fact.detail(),
        "remedy", fact.remedy());
  }

  private static Map<String, Object> section(Page.Section section) {
    return members("name", section.name(), "heading", section.heading(),
        "rows", section.rows().stream().map(Answer::row).toList());
  }

  private static Map<String, Object> row(Page.Row row) {
    return members("what", row.what(), "detail", row.detail(), "layer", row.layer(), "facts", row.facts());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A map of names and values, in this order. */
  static Map<String, Object> members(Object... namesAndValues) {
    var members = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }
}
