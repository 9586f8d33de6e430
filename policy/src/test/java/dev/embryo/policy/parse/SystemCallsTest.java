package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.Condition;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules of the section {@code system-calls}: what they mean, and where an error in one points. */
class SystemCallsTest {
  private static List<CallRule> allowed(String item) throws Exception {
    Policy policy = Texts.with("system-calls:\n  allow:\n    - " + item + "\n");
    return policy.systemCalls().allow();
  }

  private static Condition only(String condition) throws Exception {
    return allowed("{call: openat, when: \"" + condition + "\"}").get(0).when().get(0);
  }

  @Test
  void aRuleKnowsWhereItsNameAndEachComparisonStand() throws Exception {
    CallRule rule = allowed("{call: openat, when: 'arg2 & 3 == 1  and arg0 == -100'}").get(0);

    assertThat(rule.position()).isEqualTo(new Position("p.yaml", 6, 14));
    assertThat(rule.when()).extracting(Condition::position)
        .containsExactly(new Position("p.yaml", 6, 29), new Position("p.yaml", 6, 48));
  }

  @Test
  void aConditionOverSeveralLinesIsOneConditionAndIsPointedAtByItsBeginning() throws Exception {
    List<CallRule> rules = allowed("{call: openat, when: arg2 == 1\n         and arg0 == 2}");

    assertThat(rules.get(0).when()).hasSize(2).extracting(Condition::position)
        .containsOnly(new Position("p.yaml", 6, 28));
  }

  @ParameterizedTest
  @CsvSource({
    "arg0 == 17,                    17",
    "arg0==17,                      17",
    "arg0 == 0x1F,                  31",
    "arg0 == 0755,                  493",
    "arg0 == 0,                     0",
    "arg0 == -100,                  -100",
    "arg0 != -0x8000000000000000,   -9223372036854775808",
    "arg0 <= 0xffffffffffffffff,    18446744073709551615",
    "arg5 & 0xf0 == 0x10,           16",
  })
  void numbersAreWrittenAsInC(String condition, BigInteger value) throws Exception {
    assertThat(only(condition).value()).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"==", "!=", "<", "<=", ">", ">="})
  void thereAreSixOperators(String operator) throws Exception {
    assertThat(only("arg3 & 0xff " + operator + " 0x7"))
        .extracting(Condition::argument, Condition::operator, Condition::toString)
        .containsExactly(3, operator, "arg3 & 0xff " + operator + " 0x7");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      # condition                        | column | what is said
      ''                                 | 1      | expected an argument, arg0 to arg5, not the end
      fd == 3                            | 1      | expected an argument, arg0 to arg5, not 'fd'
      arg6 == 3                          | 1      | expected an argument, arg0 to arg5, not 'arg6'
      arg0                               | 5      | expected ==, !=, <, <=, > or >=, or & and a mask, not the end
      arg0 = 3                           | 6      | expected ==, !=, <, <=, > or >=, or & and a mask, not '='
      arg0 & 3                           | 9      | expected ==, !=, <, <=, > or >=, not the end
      arg0 & 3 & 1 == 1                  | 10     | expected ==, !=, <, <=, > or >=, not '&'
      arg0 & 0 == 0                      | 8      | a mask has to be above 0
      arg0 & -1 == 0                     | 8      | a mask has to be above 0
      arg0 & 0xf0 == 0x11                | 16     | 0x11 has bits outside the mask 0xf0
      arg0 == three                      | 9      | expected a number, such as 3, 0xff or 0755, not 'three'
      arg0 == 09                         | 9      | expected a number, such as 3, 0xff or 0755, not '09'
      arg0 == 0x                         | 9      | expected a number, such as 3, 0xff or 0755, not '0x'
      arg0 == 0x-1                       | 9      | expected a number, such as 3, 0xff or 0755, not '0x'
      arg0 == --1                        | 9      | expected a number, such as 3, 0xff or 0755, not '-'
      arg0 == 1_000                      | 9      | expected a number, such as 3, 0xff or 0755, not '1_000'
      arg0 ==                            | 8      | expected a number, such as 3, 0xff or 0755, not the end
      arg0 == 0x10000000000000000        | 9      | no argument has more than 64 bits
      arg0 == -0x8000000000000001        | 9      | no argument has more than 64 bits
      arg0 > -1                          | 8      | a negative number stands behind == and != only, without a mask: arguments have no sign
      arg0 & 1 == -1                     | 13     | a negative number stands behind == and != only, without a mask: arguments have no sign
      arg0 < 0                           | 8      | nothing is below 0
      arg0 >= 0                          | 9      | everything is at least 0
      arg0 == 1 or arg0 == 2             | 11     | expected 'and' or the end; an alternative is another rule of the list, not 'or'
      arg0 == 1 arg1 == 2                | 11     | expected 'and' or the end, not 'arg1'
      arg0 == 1 and                      | 14     | expected an argument, arg0 to arg5, not the end
      arg0 == 1 && arg1 == 2             | 11     | expected 'and' or the end, not '&'
      """)
  void anErrorPointsAtTheColumnInTheCondition(String condition, int column, String message) {
    String before = "system-calls: {allow: [read, {call: openat, when: \"";

    assertThat(Texts.errorsWith(before + condition + "\"}]}\n"))
        .isEqualTo("p.yaml:4:" + (before.length() + column) + ": system-calls.allow[1].when: " + message);
  }

  @Test
  void aConditionHasAtMostSixComparisons() {
    String seven = String.join(" and ", java.util.Collections.nCopies(7, "arg0 == 1"));

    assertThat(Texts.errorsWith("system-calls: {deny: [{call: read, when: " + seven + "}]}\n"))
        .isEqualTo("p.yaml:4:126: system-calls.deny[0].when: a condition has at most 6 comparisons");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      # item                             | error
      Ptrace                             | p.yaml:4:24: system-calls.allow[0]: expected the name of a system call, such as ptrace, not 'Ptrace'
      "pt race"                          | p.yaml:4:24: system-calls.allow[0]: expected the name of a system call, such as ptrace, not the quoted text 'pt race'
      [read]                             | p.yaml:4:24: system-calls.allow[0]: expected the name of a system call, or a mapping with call, when, not a list
      null                               | p.yaml:4:24: system-calls.allow[0]: has no value; expected the name of a system call, or a mapping with call, when
      {when: arg0 == 1}                  | p.yaml:4:24: system-calls.allow[0]: has no 'call', the name of the system call
      {call: [read]}                     | p.yaml:4:31: system-calls.allow[0].call: expected the name of a system call, not a list
      {call: null}                       | p.yaml:4:31: system-calls.allow[0].call: has no value; expected the name of a system call
      {call: read, when: null}           | p.yaml:4:43: system-calls.allow[0].when: has no value; expected a condition, such as "arg1 & 0xff == 3"
      {call: read, when: [arg0 == 1]}    | p.yaml:4:43: system-calls.allow[0].when: expected a condition, such as "arg1 & 0xff == 3", not a list
      {call: read, wen: arg0 == 1}       | p.yaml:4:37: unknown key 'wen'; did you mean 'when'?
      """)
  void aRuleThatIsNoneIsNamedWithItsPlace(String item, String error) {
    assertThat(Texts.errorsWith("system-calls: {allow: [" + item + "]}\n")).isEqualTo(error);
  }
}
