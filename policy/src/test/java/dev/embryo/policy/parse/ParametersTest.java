package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy leaves to a launch, and within which bounds. */
class ParametersTest {

  private static final String TOOL = """
      policy: embryo/v1
      name: test
      program:
        path: "/opt/tool-${version}/bin"
        arguments: ["/in/${photo}", "$${photo}"]
        environment: {PHOTO: "${photo}!", inherit: [LANG, TZ]}
        extra-arguments: {max: 2, matches: "-[a-z]"}
      parameters:
        photo:   {matches: "[A-Za-z0-9_. -]{1,80}"}
        version: {matches: ".*", default: "1"}
        log:     {file: {under: /srv/logs}}
        in:      {directory: {under: in}}
      capabilities:
        log: {file: "${log}", rights: write}
        in:  {directory: "${in}", mount: /in}
      """;

  private static final Binding GOOD =
      Binding.NONE.with("photo", "a cat.jpg").with("log", "a/b.log").with("in", "/srv/policies/in/x");

  private static String errors(Binding binding) {
    return errors(TOOL, binding);
  }

  private static String errors(String text, Binding binding) {
    PolicyException exception = catchThrowableOfType(PolicyException.class, () -> Texts.read(text).bind(binding));
    return exception == null ? "(no error)" : exception.getMessage();
  }

  @Test
  void valuesStandWhereTheirParametersStood() throws Exception {
    Policy policy = Texts.read(TOOL).bind(GOOD);

    assertThat(policy.program().path()).isEqualTo(Path.of("/opt/tool-1/bin"));
    assertThat(policy.program().arguments()).containsExactly("/in/a cat.jpg", "${photo}");
    assertThat(policy.program().environment()).containsExactly(Map.entry("PHOTO", "a cat.jpg!"));
    FileCapability log = (FileCapability) Objects.requireNonNull(policy.capabilities().get("log"));
    assertThat(log.path()).isEqualTo(Path.of("/srv/logs/a/b.log"));
    assertThat(log.under()).contains(Path.of("/srv/logs"));
  }

  @Test
  void aPathThatThePolicyItselfNamesHasNoBound() throws Exception {
    Policy policy = Texts.with("capabilities: {a: {file: /f}}");

    assertThat(((FileCapability) Objects.requireNonNull(policy.capabilities().get("a"))).under()).isEmpty();
  }

  @Test
  void equalBindingsMakeEqualPoliciesAndOthersDoNot() throws Exception {
    assertThat(Texts.read(TOOL)).isEqualTo(Texts.read(TOOL)).hasSameHashCodeAs(Texts.read(TOOL));
    assertThat(Texts.read(TOOL)).isNotEqualTo(Texts.read(TOOL + "#"));
    assertThat(Texts.read(TOOL).bind(GOOD)).isEqualTo(Texts.read(TOOL).bind(GOOD));
    assertThat(Texts.read(TOOL).bind(GOOD)).isNotEqualTo(Texts.read(TOOL).bind(GOOD.with("photo", "b")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      a$b        | a$b
      $$         | $$
      $${x}      | ${x}
      $$$${x}    | $${x}
      {x}        | {x}
      a$${       | a${
      """)
  void aDollarIsADollarAndTwoBeforeABraceAreOne(String written, String meaning) throws Exception {
    String text = Texts.LEAST.replace("/bin/true", "/bin/true, arguments: ['" + written + "']");

    assertThat(Texts.parse(text).program().arguments()).containsExactly(meaning);
    assertThat(Texts.parse(Texts.expand(text)).program().arguments()).containsExactly(meaning);
  }

  @Test
  void aDollarCanStandBeforeAParameter() throws Exception {
    String text = """
        policy: embryo/v1
        name: test
        program: {path: x, arguments: ["$$${price}"]}
        parameters: {price: {matches: "[0-9]+"}}
        """;

    assertThat(Texts.read(text).bind(Binding.NONE.with("price", "7")).program().arguments()).containsExactly("$7");
    assertThat(Texts.read(Texts.expand(text)).bind(Binding.NONE.with("price", "7")).program().arguments())
        .containsExactly("$7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${", "${}", "${1}", "${a b}", "${a", "$$${", "${a-b}"})
  void aBraceThatBelongsToNoParameterIsAnError(String written) {
    assertThat(Texts.errors(Texts.LEAST.replace("/bin/true", "/bin/true, arguments: ['" + written + "']"))).isEqualTo(
        "p.yaml:3:40: program.arguments[0]: a parameter is written ${name}, and the text '${' is written $${");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {}                                  | 4:14: parameters.p: has no bounds; write one of matches, directory, file, descriptor, process
      {default: x}                        | 4:14: parameters.p: has no bounds; write one of matches, directory, file, descriptor, process
      {matches: x, descriptor: true}      | 4:14: parameters.p: has the bounds matches, descriptor; write one of them
      {matches: x, default: y}            | 4:39: parameters.p.default: 'y' does not match x
      {matches: x, default: xx}           | 4:39: parameters.p.default: 'xx' does not match x
      {matches: ".*\\\\s*", default: "a\\nb"} | 4:46: parameters.p.default: a value cannot hold a NUL character or the end of a line
      {matches: "a**"}                    | 4:27: parameters.p.matches: no regular expression of RE2: invalid nested repetition operator: '**'
      {matches: "(?=a)"}                  | 4:27: parameters.p.matches: no regular expression of RE2: invalid or unsupported Perl syntax: '(?='
      {matches: "a{1001}"}                | 4:27: parameters.p.matches: no regular expression of RE2: invalid repeat count: '{1001}'
      {directory: /d}                     | 4:29: parameters.p.directory: expected a mapping with under, not '/d'
      {directory: {under: "${p}"}}        | 4:37: parameters.p.directory.under: a parameter ('${name}') cannot stand here
      {file: {under: /d}, default: x}     | 4:46: parameters.p.default: only a parameter with 'matches' has a default
      {matchs: x}                         | 4:18: unknown key 'matchs'; did you mean 'matches'?
      """)
  void theBoundsOfAParameterAreWellFormed(String written, String error) {
    String text = """
        policy: embryo/v1
        name: test
        program: {path: x, arguments: ["${p}"]}
        parameters: {p: @}
        """.replace("@", written);

    assertThat(Texts.errors(text)).startsWith("p.yaml:" + error);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      program: {path: x, arguments: ["${phto}", "${photo}"]}  | 3:32: program.arguments[0]: no parameter is called 'phto'; did you mean 'photo'?
      program: {path: x}                                      | 4:14: parameters.photo: stands nowhere; write ${photo} where its value belongs, or leave it out
      program: {path: "${photo}/${photo}"}                    | 3:17: program.path: holds 2 parameters; a path has one at most
      program: {path: x, name: "${photo}"}                    | 3:26: program.name: a parameter ('${name}') cannot stand here
      program: {path: x, directory: "/${photo}"}              | 3:31: program.directory: a parameter ('${name}') cannot stand here
      """)
  void aParameterStandsSomewhereAndIsKnown(String program, String error) {
    assertThat(Texts.errors("policy: embryo/v1\nname: test\n" + program + "\nparameters: {photo: {matches: x}}\n"))
        .isEqualTo("p.yaml:" + error);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      file: "${t}"             | {matches: x}            | 4:26: capabilities.a.file: 't' is a text, and here stands a file
      file: "${t}"             | {directory: {under: d}} | 4:26: capabilities.a.file: 't' is a directory, and here stands a file
      file: "/d/${t}"          | {file: {under: d}}      | 4:26: capabilities.a.file: a parameter stands for the whole path here; write ${t} alone, and 'under' in parameters.t
      directory: "${t}"        | {file: {under: d}}      | 4:31: capabilities.a.directory: 't' is a file, and here stands a directory
      descriptor: "${t}"       | {matches: x}            | 4:32: capabilities.a.descriptor: 't' is a text, and here stands a descriptor
      process: "${t}"          | {descriptor: true}      | 4:29: capabilities.a.process: 't' is a descriptor, and here stands a process
      descriptor: "${t}"       | {process: true}         | 4:32: capabilities.a.descriptor: 't' is a process, and here stands a descriptor
      descriptor: "${t}x"      | {descriptor: true}      | 4:32: capabilities.a.descriptor: expected a parameter, such as ${name}, not the quoted text '${t}x'
      file: "${t}"             | {descriptor: true}      | 4:26: capabilities.a.file: 't' is a descriptor, and here stands a file
      tmpfs: "${t}"            | {matches: x}            | 4:27: capabilities.a.tmpfs: expected a size from 4KiB to 8589934591GiB, such as 64MiB, not the quoted text '${t}'
      """)
  void aParameterStandsWhereItFits(String kind, String bounds, String error) {
    String mount = kind.startsWith("directory") || kind.startsWith("tmpfs") ? ", mount: /a" : "";

    assertThat(Texts.errorsWith("capabilities: {a: {" + kind + mount + "}}\nparameters: {t: " + bounds + "}\n"))
        .isEqualTo("p.yaml:" + error);
  }

  @Test
  void aFileParameterIsNoText() {
    assertThat(Texts.errors("""
        policy: embryo/v1
        name: test
        program: {path: x, arguments: ["${f}"]}
        parameters: {f: {file: {under: /d}}}
        """)).isEqualTo("p.yaml:3:32: program.arguments[0]: 'f' is a file, and here stands a text");
  }

  @Test
  void everyMissingAndUnknownValueIsNamedAtItsParameter() {
    assertThat(errors(Binding.NONE.with("in", "x").with("phtoo", "x"))).isEqualTo("""
        p.yaml:9:3: parameters: none is called 'phtoo'; did you mean 'photo'?
        p.yaml:9:3: parameters.photo: has no value and no default, so a launch has to give one, such as --set photo=VALUE
        p.yaml:11:3: parameters.log: has no value and no default, so a launch has to give one, such as --set log=VALUE""");
  }

  @Test
  void aPolicyWithoutParametersTakesNone() {
    assertThat(errors(Texts.LEAST, Binding.NONE.with("x", "1"))).isEqualTo("p.yaml:1:1: parameters: none is called 'x'");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      a/b                  | 'a/b' does not match [A-Za-z0-9_. -]{1,80}
      ``                   | '' does not match [A-Za-z0-9_. -]{1,80}
      cat.jpg;             | 'cat.jpg;' does not match [A-Za-z0-9_. -]{1,80}
      """)
  void allOfAValueMatches(String value, String error) {
    assertThat(errors(GOOD.with("photo", value))).isEqualTo("p.yaml:9:3: parameters.photo: " + error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\n", "\r", "a\0"})
  void aValueIsOneLineWithoutNul(String value) {
    assertThat(errors(TOOL.replace("[A-Za-z0-9_. -]{1,80}", "(?s).*"), GOOD.with("photo", value))).isEqualTo(
        "p.yaml:9:3: parameters.photo: a value cannot hold a NUL character or the end of a line");
  }

  @Test
  void halfOfASurrogatePairIsNoValue() {
    assertThat(errors(GOOD.with("version", "\uD83D"))).isEqualTo(
        "p.yaml:10:3: parameters.version: a value cannot hold half of a surrogate pair, which is no character");
  }

  @Test
  void aValueCannotHideInAnError() {
    assertThat(errors(GOOD.with("photo", "\u001b[2J"))).isEqualTo(
        "p.yaml:9:3: parameters.photo: '\\u001B[2J' does not match [A-Za-z0-9_. -]{1,80}");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ../etc/passwd      | '../etc/passwd' holds '..'
      a/../b             | 'a/../b' holds '..'
      ..                 | '..' holds '..'
      /etc/passwd        | '/etc/passwd' does not lie under /srv/logs
      /srv/logsx/a       | '/srv/logsx/a' does not lie under /srv/logs
      /srv/logs/../x     | '/srv/logs/../x' holds '..'
      .                  | '.' does not lie under /srv/logs
      /srv/logs          | '/srv/logs' does not lie under /srv/logs
      ``                 | a path cannot be empty
      """)
  void aFileLiesUnderItsBoundByItsText(String value, String error) {
    assertThat(errors(GOOD.with("log", value))).isEqualTo("p.yaml:11:3: parameters.log: " + error);
  }

  @Test
  void aDirectoryMayBeTheBoundItself() throws Exception {
    assertThat(Texts.read(TOOL).bind(GOOD.with("in", "."))).isEqualTo(Texts.read(TOOL).bind(GOOD.with("in", "/srv/policies/in")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      "/opt/${version}/x"  | ..  | makes a name of the path empty, '.' or '..'
      "/opt/${version}"    | .   | makes a name of the path empty, '.' or '..'
      "/opt/.${version}"   | .   | makes a name of the path empty, '.' or '..'
      "${version}"         | ..  | makes a name of the path empty, '.' or '..'
      "/opt/${version}/x"  | ``  | makes a name of the path empty, '.' or '..'
      "/opt/x${version}"   | a/b | stands in a path, where a value cannot hold '/'
      "/opt/x${version}"   | /   | stands in a path, where a value cannot hold '/'
      """)
  void aValueInThePathOfTheProgramIsPartOfOneName(String path, String value, String error) {
    String text = TOOL.replace("\"/opt/tool-${version}/bin\"", path);

    assertThat(errors(text, GOOD.with("version", value))).isEqualTo("p.yaml:10:3: parameters.version: " + error);
  }

  @Test
  void aNameWithDotsIsAName() throws Exception {
    assertThat(Texts.read(TOOL).bind(GOOD.with("version", "..")).program().path()).isEqualTo(Path.of("/opt/tool-../bin"));
  }

  @Test
  void aDescriptorIsNoText() {
    String text = Texts.LEAST + "capabilities: {a: {descriptor: \"${d}\"}}\nparameters: {d: {descriptor: true}}\n";

    assertThat(errors(text, Binding.NONE.with("d", "7"))).isEqualTo(
        "p.yaml:5:14: parameters.d: is a descriptor, which a text cannot stand for");
  }

  @Test
  void extraArgumentsAreAppendedWithinTheirBounds() throws Exception {
    assertThat(Texts.read(TOOL).bind(GOOD.withArguments(List.of("-a", "-b"))).program().arguments())
        .containsExactly("/in/a cat.jpg", "${photo}", "-a", "-b");
    assertThat(errors(GOOD.withArguments(List.of("-a", "-b", "-c")))).isEqualTo("p.yaml:7:20: program.extra-arguments:"
        + " a launch may append 2 arguments at most, and this one has 3");
    assertThat(errors(GOOD.withArguments(List.of("-a", "--all")))).isEqualTo(
        "p.yaml:7:20: program.extra-arguments: '--all' does not match -[a-z]");
    assertThat(errors(GOOD.withArguments(List.of("-a\0")))).isEqualTo(
        "p.yaml:7:20: program.extra-arguments: an argument cannot hold a NUL character");
  }

  @Test
  void anExtraArgumentIsNotReadAsATemplate() throws Exception {
    String text = TOOL.replace("-[a-z]", ".*");

    assertThat(Texts.read(text).bind(GOOD.withArguments(List.of("${photo}", "$${"))).program().arguments())
        .endsWith("${photo}", "$${");
    assertThat(Texts.read(text).bind(GOOD.with("version", "${photo}")).program().path().toString())
        .isEqualTo("/opt/tool-${photo}/bin");
  }

  @Test
  void withoutExtraArgumentsALaunchAppendsNone() {
    assertThat(errors(Texts.LEAST, Binding.NONE.withArguments(List.of("x")))).isEqualTo("p.yaml:3:10:"
        + " program.extra-arguments: is 'none': a launch may append no arguments, and this one has 1");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {max: 1}                    | 3:45: program.extra-arguments: has no 'matches'; expected a mapping with max, matches
      {matches: x}                | 3:45: program.extra-arguments: has no 'max'; expected a mapping with max, matches
      {max: 0, matches: x}        | 3:51: program.extra-arguments.max: expected a whole number from 1 to 65536, not '0'
      {max: 1, matches: "("}      | 3:63: program.extra-arguments.matches: no regular expression of RE2: missing closing ): '('
      {max: 1, matches: x, mx: 1} | 3:66: unknown key 'mx'; did you mean 'max'?
      []                          | 3:45: program.extra-arguments: expected none or a mapping with max, matches, not a list
      """)
  void theBoundsOfExtraArgumentsAreWellFormed(String written, String error) {
    assertThat(Texts.errors(Texts.LEAST.replace("/bin/true", "/bin/true, extra-arguments: " + written)))
        .isEqualTo("p.yaml:" + error);
  }

  @Test
  void variablesAreInheritedWhereTheLauncherHasThem() throws Exception {
    Policy policy = Texts.read(TOOL).bind(GOOD.withEnvironment(Map.of("TZ", "UTC", "HOME", "/root")));

    assertThat(policy.program().environment()).containsExactly(Map.entry("PHOTO", "a cat.jpg!"), Map.entry("TZ", "UTC"));
    assertThat(Texts.read(TOOL).inheritedVariables()).containsExactly("LANG", "TZ");
  }

  @Test
  void aVariableThatTheJvmCouldNotReadIsNotPassedOnAsSomethingElse() {
    assertThat(errors(GOOD.withEnvironment(Map.of("TZ", "a\uFFFD")))).isEqualTo("p.yaml:6:53: program.environment.inherit[1]:"
        + " the launcher's 'TZ' is no text in this locale; run with LC_ALL=C.UTF-8");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {inherit: [LD_PRELOAD]}      | 3:52: program.environment.inherit[0]: 'LD_PRELOAD' tells the loader which code to run, and must not be the launcher's choice; write its value out
      {inherit: [LD_LIBRARY_PATH]} | 3:52: program.environment.inherit[0]: 'LD_LIBRARY_PATH' tells the loader which code to run, and must not be the launcher's choice; write its value out
      {inherit: [GLIBC_TUNABLES]}  | 3:52: program.environment.inherit[0]: 'GLIBC_TUNABLES' tells the loader which code to run, and must not be the launcher's choice; write its value out
      {inherit: [LISTEN_FDS]}      | 3:52: program.environment.inherit[0]: 'LISTEN_FDS' describes descriptors that the launcher has and the program has not
      {inherit: [A, A]}            | 3:55: program.environment.inherit[1]: 'A' stands in the list twice
      {inherit: [A=B]}             | 3:52: program.environment.inherit[0]: expected a name of letters, digits and _, not beginning with a digit, not 'A=B'
      {A: x, inherit: [A]}         | 3:58: program.environment.inherit[0]: 'A' has a value in program.environment already; write one of both
      """)
  void whatIsInheritedIsNamedOnceAndLoadsNoCode(String environment, String error) {
    assertThat(Texts.errors(Texts.LEAST.replace("/bin/true", "/bin/true, environment: " + environment)))
        .isEqualTo("p.yaml:" + error);
  }

  @Test
  void noExpressionMakesMatchingSlowOrLarge() {
    for (String hostile : List.of("(a*)*b", "(a|a|aa)*b", "((a{0,30}){0,30})b", "(((a{100}){100}){100})")) {
      String text = """
          policy: embryo/v1
          name: test
          program: {path: x, arguments: ["${p}"]}
          parameters: {p: {matches: "%s"}}
          """.formatted(hostile);
      Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () ->
          assertThat(errors(text, Binding.NONE.with("p", "a".repeat(20_000)))).startsWith("p.yaml:4:"));
    }
  }
}
