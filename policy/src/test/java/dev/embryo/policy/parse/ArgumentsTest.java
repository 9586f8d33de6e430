package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.ArgumentsCapability.Format;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The structured arguments: what a tree of YAML means, which capabilities it refers to and makes, and what it cannot say. */
class ArgumentsTest {

  private static ArgumentsCapability arguments(Policy policy) {
    return (ArgumentsCapability) Objects.requireNonNull(policy.capabilities().get("arguments"));
  }

  private static Argument value(String written) throws Exception {
    var tree = (Argument.Sequence) arguments(Texts.with("arguments: [" + written + "]\n")).tree();
    return tree.items().get(0);
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      0                    | 0
      -1                   | -1
      +12                  | 12
      007                  | 7
      0o17                 | 15
      0xFf                 | 255
      -9223372036854775808 | -9223372036854775808
      18446744073709551615 | 18446744073709551615
      !!int "12"           | 12
      """)
  void aPlainNumberIsAnInteger(String written, BigInteger number) throws Exception {
    assertThat(value(written)).isEqualTo(new Argument.Whole(number));
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      1.5        | 1.5
      -.5e3      | -500
      1.         | 1
      1e3        | 1000
      .inf       | Infinity
      -.INF      | -Infinity
      .nan       | NaN
      !!float 1  | 1
      """)
  void aNumberWithAPointOrAnExponentIsAFloat(String written, double number) throws Exception {
    assertThat(value(written)).isEqualTo(new Argument.Real(number));
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      abc                 | abc
      "1"                 | 1
      'true'              | true
      yes                 | yes
      1.10.2              | 1.10.2
      0x                  | 0x
      !!str 12            | 12
      ! 12                | 12
      "null"              | null
      2001-12-14          | 2001-12-14
      "$${x}"             | ${x}
      """)
  void everythingElseIsAText(String written, String text) throws Exception {
    assertThat(value(written)).isEqualTo(new Argument.Text(text));
  }

  @Test
  void nothingAndFlagsAndBytesAndTimesHaveValuesOfTheirOwn() throws Exception {
    assertThat(value("~")).isEqualTo(new Argument.Nothing()).isEqualTo(value("null")).isEqualTo(value("!!null ''"));
    assertThat(value("true")).isEqualTo(new Argument.Flag(true)).isEqualTo(value("!!bool 'True'"));
    assertThat(value("false")).isEqualTo(new Argument.Flag(false));
    assertThat(value("!!binary \"AP8=\"")).isEqualTo(new Argument.Binary("AP8=")).isEqualTo(value("!!binary AP8"));
    assertThat(value("!!timestamp 2001-12-14T21:59:43.10-05:00"))
        .isEqualTo(new Argument.Timestamp(Instant.parse("2001-12-15T02:59:43.1Z")));
    assertThat(value("!!timestamp 2001-12-14")).isEqualTo(new Argument.Timestamp(Instant.parse("2001-12-14T00:00:00Z")));
    assertThat(value("!!seq [!!map {a: }]")).isEqualTo(
        new Argument.Sequence(List.of(new Argument.Mapping(Map.of("a", new Argument.Nothing())))));
  }

  @Test
  void keysAreTextsAndKeepTheirOrder() throws Exception {
    var tree = (Argument.Mapping) arguments(Texts.with("arguments:\n  b: 1\n  80: 2\n  true: 3\n")).tree();

    assertThat(tree.entries().keySet()).containsExactly("b", "80", "true");
  }

  @Test
  void theyAreACapabilityBehindAllOthersThatHaveNoNumber() throws Exception {
    var policy = Texts.with("arguments: {log: !fd log}\ncapabilities: {log: {file: f, rights: write}, x: {file: y, fd: 7}}\n");

    assertThat(arguments(policy).fd()).isEqualTo(OptionalInt.of(4));
    assertThat(arguments(policy).format()).as("the default").isEqualTo(Format.ARGDATA);
    assertThat(policy.passed()).containsExactly("log", "arguments");
    assertThat(arguments(policy).tree())
        .isEqualTo(new Argument.Mapping(Map.of("log", new Argument.Reference("log"))));
    assertThat(policy.descriptors().get(4)).isEqualTo(arguments(policy));
  }

  @Test
  void withoutThemThereIsNoSuchCapability() throws Exception {
    assertThat(Texts.with("").capabilities()).isEmpty();
    assertThat(Texts.with("").passed()).isEmpty();
  }

  @Test
  void aFileInTheMiddleIsACapabilityNamedAfterItsPlace() throws Exception {
    var policy = Texts.with("""
        arguments:
          Log File: !file {path: log, rights: write}
          inputs: [!file {path: /a}, {inputs: !file {path: /b}}]
          stdin: !file {path: /c}
        capabilities: {log-file: {file: other}}
        """);

    assertThat(policy.passed())
        .containsExactly("log-file", "log-file-2", "inputs-0", "inputs", "stdin-2", "arguments");
    var log = (FileCapability) Objects.requireNonNull(policy.capabilities().get("log-file-2"));
    assertThat(log.path()).isEqualTo(Path.of("/srv/policies/log"));
    assertThat(log.rights().has(Right.WRITE)).isTrue();
    assertThat(arguments(policy).tree().toString())
        .contains("Log File=Reference[capability=log-file-2]").contains("Reference[capability=inputs-0]");
  }

  @Test
  void parametersStandInTexts() throws Exception {
    var template = Texts.read(Texts.LEAST + """
        parameters: {who: {matches: "[a-z0-9 ]+"}}
        arguments: {greeting: "Hello ${who}", plain: "${who}", key: ["$${who}"]}
        """);

    assertThat(arguments(template.bind(Binding.NONE.with("who", "7"))).tree()).isEqualTo(new Argument.Mapping(Map.of(
        "greeting", new Argument.Text("Hello 7"),
        "plain", new Argument.Text("7"),
        "key", new Argument.Sequence(List.of(new Argument.Text("${who}"))))));
  }

  @Test
  void theyAreWrittenOutWithTheSameMeaning() throws Exception {
    String text = Texts.LEAST + """
        parameters: {who: {matches: "[a-z]+", default: x}}
        arguments:
          a: [1, -2, 1.5, 1e300, .inf, -.inf, .nan, -0.0, true, ~, "1", ".5", "true", "a: b", "${who}", "$${who}", "\\u202e"]
          "b c": {"": !!binary "AP8=", t: !!timestamp 2001-12-14T21:59:43.10-05:00, "<<": 1}
          log: !file {path: log, rights: write}
        """;
    String expanded = Texts.expand(text);

    assertThat(Meanings.of(Texts.parse(expanded))).isEqualTo(Meanings.of(Texts.parse(text)));
    assertThat(Texts.expand(expanded)).isEqualTo(expanded);
    assertThat(expanded).contains("\"log\": !fd log}", "log: {file: /srv/policies/log, ");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      arguments: [!fd lgo]                        | 4:13: arguments[0]: no capability is called 'lgo'; did you mean 'log'?
      arguments: [!fd in]                         | 4:13: arguments[0]: 'in' is only mounted, and has no descriptor; write the path at which the program sees it, or give it an 'fd'
      arguments: [!fd 5]                          | 4:13: arguments[0]: expected the name of a capability behind !fd, not '5'
      arguments: [!fd [log]]                      | 4:13: arguments[0]: expected the name of a capability behind !fd, not a list
      arguments: {a: !fb log}                     | 4:16: arguments.a: '!fb' is no tag of this language; there are !fd, !file, !directory, !socket, !!str, !!int, !!float, !!bool, !!null, !!binary, !!timestamp, !!map, !!seq; did you mean '!fd'?
      arguments: {a: !!set {x, y}}                | 4:16: arguments.a: '!!set' is no tag of this language; there are !fd, !file, !directory, !socket, !!str, !!int, !!float, !!bool, !!null, !!binary, !!timestamp, !!map, !!seq; did you mean '!!seq'?
      arguments: [!file x]                        | 4:13: arguments[0]: expected a mapping behind !file, not 'x'
      arguments: [!file {pth: x}]                 | 4:20: unknown key 'pth'; did you mean 'path'?; !file has path, rights
      arguments: [!file {rights: read}]           | 4:13: arguments[0]: !file needs 'path'
      arguments: [!socket {}]                     | 4:13: arguments[0]: !socket needs 'bind' or 'connect'
      arguments: {l: !file {path: x, rights: ww}} | 4:40: capabilities.l.rights: 'ww' is not a right of a file
      arguments: [!!int x]                        | 4:13: arguments[0]: expected an integer behind !!int, not 'x'
      arguments: [!!int 99999999999999999999]     | 4:13: arguments[0]: an integer is from -2^63 to 2^64 - 1; between quotes it is a text
      arguments: [!!float x]                      | 4:13: arguments[0]: expected a number behind !!float, not 'x'
      arguments: [!!bool yes]                     | 4:13: arguments[0]: expected true or false behind !!bool, not 'yes'
      arguments: [!!null 0]                       | 4:13: arguments[0]: expected nothing behind !!null, not '0'
      arguments: [!!binary "*"]                   | 4:13: arguments[0]: expected bytes in Base64 behind !!binary, not the quoted text '*'
      arguments: [!!timestamp noon]               | 4:13: arguments[0]: expected a time, such as 2001-12-14T21:59:43.1Z or 2001-12-14, behind !!timestamp, not 'noon'
      arguments: [!!seq {}]                       | 4:13: arguments[0]: expected a list behind !!seq, not a mapping
      arguments: ["${who}"]                       | 4:13: arguments[0]: no parameter is called 'who'
      arguments: ["${"]                           | 4:13: arguments[0]: a parameter is written ${name}, and the text '${' is written $${
      arguments: {a: &x 1, b: *x}                 | 4:16: arguments.a: anchors ('&name') are not supported
      arguments: {!fd a: 1}                       | 4:13: arguments: a key must be a text, not 'a' with the tag '!fd'
      arguments: [-99999999999999999999999999999999999999999999] | 4:13: arguments[0]: an integer is from -2^63 to 2^64 - 1; between quotes it is a text
      """)
  void whatIsWrongIsSaidWithItsPlace(String written, String error) {
    assertThat(Texts.errorsWith(written + "\ncapabilities: {log: {file: f}, in: {directory: d, mount: /in}}\n").lines())
        .contains("p.yaml:" + error);
  }

  @Test
  void whatJsonCannotSayIsRefusedThere() throws Exception {
    String text = "arguments: {a: [.nan, -.inf]}\n";

    assertThat(Texts.errorsWith(text + "arguments-format: json\n")).isEqualTo("""
        p.yaml:4:17: arguments.a[0]: JSON has no number .nan; write a text
        p.yaml:4:23: arguments.a[1]: JSON has no number -.inf; write a text""");
    assertThat(Texts.with(text).passed()).containsExactly("arguments");
  }

  @Test
  void aFormatWithoutArgumentsIsRefused() {
    assertThat(Texts.errorsWith("arguments-format: json\n"))
        .isEqualTo("p.yaml:4:19: arguments-format: there are no 'arguments' to be written so");
  }

  @Test
  void theirNameIsNoOthers() throws Exception {
    assertThat(Texts.errorsWith("arguments: [a]\ncapabilities: {arguments: {file: f}}\n")).isEqualTo(
        "p.yaml:5:27: capabilities.arguments: 'arguments' is what the descriptor of the structured arguments is called;"
            + " choose another name");
    assertThat(Texts.with("capabilities: {arguments: {file: f}}\n").passed()).containsExactly("arguments");
  }

  @Test
  void tagsStandNowhereElse() {
    assertThat(Texts.errorsWith("capabilities: {a: {file: !fd x}}\n"))
        .isEqualTo("p.yaml:4:26: capabilities.a.file: tags ('!name') are not supported");
  }

  @Test
  void theirDescriptorHasToBeBelowTheLimit() {
    assertThat(Texts.errorsWith("limits: {open-files: 4}\narguments: [!fd a]\ncapabilities: {a: {file: f}}\n"))
        .isEqualTo("p.yaml:5:12: capabilities.arguments: descriptor 4 is beyond limits.open-files, 4");
  }
}
