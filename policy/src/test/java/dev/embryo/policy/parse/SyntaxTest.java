package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read as YAML, what is not, and what the language leaves out of it. */
class SyntaxTest {

  @Test
  void anUnknownKeyIsNamedWithItsPlaceAndTheNearestKnownKey() {
    assertThat(Texts.errorsWith("limits:\n  memroy: 1GiB\n"))
        .isEqualTo("p.yaml:5:3: unknown key 'memroy'; did you mean 'memory'?");
  }

  @Test
  void anUnknownKeyThatBelongsElsewhereIsNamedWithItsSection() {
    assertThat(Texts.errorsWith("open-files: 10\n"))
        .isEqualTo("p.yaml:4:1: unknown key 'open-files'; did you mean 'limits.open-files'?");
  }

  @Test
  void anUnknownKeyUnlikeAnyKnownOneIsJustNamed() {
    assertThat(Texts.errorsWith("zzzzzz: 10\n")).isEqualTo("p.yaml:4:1: unknown key 'zzzzzz'");
  }

  @Test
  void anUnknownKeyOfACapabilityIsNamedWithTheNearest() {
    assertThat(Texts.errorsWith("capabilities: {a: {flie: x}}\n"))
        .isEqualTo("p.yaml:4:20: unknown key 'flie'; did you mean 'file'?");
  }

  @Test
  void aDuplicateKeyIsNamedWithTheLineOfTheFirst() {
    assertThat(Texts.errorsWith("version: 1\nversion: lots\n"))
        .isEqualTo("p.yaml:5:1: duplicate key 'version'; the first is on line 4");
  }

  @Test
  void aDuplicateKeyIsFoundHoweverItIsQuoted() {
    assertThat(Texts.errorsWith("capabilities: {a: {null: true}, \"\\x61\": {null: true}}\n"))
        .isEqualTo("p.yaml:4:33: duplicate key 'a'; the first is on line 4");
  }

  @Test
  void everyRequiredKeyThatIsMissingIsNamed() {
    assertThat(Texts.errors("version: 1\nprogram: {name: x}\n")).isEqualTo("""
        p.yaml:1:1: policy: is required
        p.yaml:1:1: name: is required
        p.yaml:2:10: program.path: is required""");
  }

  @Test
  void aSectionThatIsNoMappingIsNamedOnce() {
    assertThat(Texts.errors("policy: embryo/v1\nname: test\nprogram: /bin/true\n")).isEqualTo(
        "p.yaml:3:10: program: expected a mapping with path, sha256, arguments, extra-arguments, name, environment, directory,"
            + " not '/bin/true'");
    assertThat(Texts.errorsWith("capabilities:\n")).isEqualTo(
        "p.yaml:4:14: capabilities: has no value; expected a mapping of names");
    assertThat(Texts.errorsWith("processes: [threads]\n")).isEqualTo(
        "p.yaml:4:12: processes: expected a mapping with threads, spawn, execute, jit, not a list");
  }

  @Test
  void anEmptyPolicyIsSaidToBeEmpty() {
    assertThat(Texts.errors("")).isEqualTo("p.yaml:1:1: the policy is empty");
    assertThat(Texts.errors("# nothing\n")).endsWith(": the policy is empty");
  }

  @Test
  void aPolicyThatIsNoMappingIsRefused() {
    assertThat(Texts.errors("- a\n")).isEqualTo("p.yaml:1:1: expected a mapping with policy, name, version, profile, program,"
        + " parameters, capabilities, arguments, arguments-format, filesystem, processes, network, system-calls, limits, identity, isolation, not a list");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      version: *v                       | 4:10: version: aliases ('*name') are not supported; write the value out
      version: &v 1                     | 4:10: version: anchors ('&name') are not supported
      version: !!int 1                  | 4:10: version: tags ('!name') are not supported
      version: ! 1                      | 4:10: version: tags ('!name') are not supported
      limits: !x {core: 0}              | 4:9: limits: tags ('!name') are not supported
      limits: &x {core: 0}              | 4:9: limits: anchors ('&name') are not supported
      identity: {groups: !!set [1]}     | 4:20: identity.groups: tags ('!name') are not supported
      identity: {groups: [1, *x]}       | 4:24: identity.groups[1]: aliases ('*name') are not supported; write the value out
      limits: {<<: {core: 0}}           | 4:10: limits: merge keys ('<<') are not supported; write the keys out
      limits: {? [a] : b}               | 4:12: limits: a key must be a text, not a list
      limits: {? {a: b} : c}            | 4:12: limits: a key must be a text, not a mapping
      limits: {&k core: 0}              | 4:10: limits: anchors ('&name') are not supported
      limits: {*k : 0}                  | 4:10: limits: aliases ('*name') are not supported; write the value out
      """)
  void whatCouldMeanSomethingElseThanWhatStandsThereIsRefused(String text, String error) {
    assertThat(Texts.errorsWith(text + "\n")).isEqualTo("p.yaml:" + error);
  }

  @Test
  void aSecondDocumentIsRefused() {
    assertThat(Texts.errorsWith("---\nversion: 2\n"))
        .isEqualTo("p.yaml:4:1: a policy is one document, and here a second one begins");
  }

  @Test
  void theMarksOfOneDocumentAreAllowed() throws Exception {
    assertThat(Texts.parse("---\n" + Texts.LEAST + "...\n").name()).isEqualTo("test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%YAML 1.1\n---\n", "%TAG ! tag:x,2000:\n---\n"})
  void directivesAreRefused(String directive) {
    assertThat(Texts.errors(directive + Texts.LEAST)).isEqualTo("p.yaml:1:1: YAML directives are not supported");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      version: [1, 2        | 5:1: not YAML: while parsing a flow sequence, expected ',' or ']', but got <stream end>
      version: "1           | 5:1: not YAML: while scanning a quoted scalar, found unexpected end of stream
      version: 1: 2         | 4:11: not YAML: mapping values are not allowed here
      version: @1           | 4:10: not YAML: while scanning for the next token, found character '@' that cannot start any token. (Do not use @ for indentation)
      """)
  void whatIsNotYamlIsRefusedWhereItEnds(String text, String error) {
    assertThat(Texts.errorsWith(text + "\n")).isEqualTo("p.yaml:" + error);
  }

  @Test
  void nestingEndsBeforeTheStackDoes() {
    assertThat(Texts.errors("[".repeat(100_000))).isEqualTo("p.yaml:1:17: nested more than 16 levels deep");
    assertThat(Texts.errors("- ".repeat(100_000))).isEqualTo("p.yaml:1:33: nested more than 16 levels deep");
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedAtTheirPlace() {
    byte[] bytes = (Texts.LEAST + "# é\nversion: 2").getBytes(StandardCharsets.UTF_8);
    bytes[bytes.length - 1] = (byte) 0xFF;

    assertThat(Texts.errors(bytes)).isEqualTo("p.yaml:5:10: not UTF-8 from here on");
  }

  @Test
  void aCharacterCutInHalfAtTheEndIsRefused() {
    byte[] bytes = (Texts.LEAST + "# é").getBytes(StandardCharsets.UTF_8);

    assertThat(Texts.errors(Arrays.copyOf(bytes, bytes.length - 1))).isEqualTo("p.yaml:4:3: not UTF-8 from here on");
  }

  @Test
  void columnsCountCharactersAndNotTheirUnits() {
    assertThat(Texts.errorsWith("limits: {\"😀\": 1, memory: lots}\n")).isEqualTo("""
        p.yaml:4:10: unknown key '😀'
        p.yaml:4:26: limits.memory: expected a size from 1MiB to 8589934591GiB, such as 64MiB, not 'lots'""");
  }

  @Test
  void aByteOrderMarkIsNoCharacter() throws Exception {
    assertThat(Texts.parse("\uFEFF" + Texts.LEAST).name()).isEqualTo("test");
    assertThat(Texts.errors("\uFEFFx: 1\n")).startsWith("p.yaml:1:1: ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x07, 0x1B, 0x7F, 0xFFFE, 0x202E, 0x2066, 0x2028})
  void aCharacterThatCannotBeSeenIsRefusedWhereverItStands(int character) {
    assertThat(Texts.errorsWith("# a" + Character.toString(character)))
        .isEqualTo(String.format("p.yaml:4:4: the character U+%04X is not allowed in a policy", character));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void linesAreCountedWhicheverWayTheyEnd(String end) {
    assertThat(Texts.errors((Texts.LEAST + "versoin: 1\n").replace("\n", end)))
        .isEqualTo("p.yaml:4:1: unknown key 'versoin'; did you mean 'version'?");
    assertThat(Texts.errors((Texts.LEAST + "\u0001").replace("\n", end)))
        .isEqualTo("p.yaml:4:1: the character U+0001 is not allowed in a policy");
  }

  @Test
  void aPolicyOfMoreThanAMebibyteIsNotEvenRead() throws Exception {
    String filler = "#".repeat((1 << 20) - Texts.LEAST.length());

    assertThat(Texts.with(filler).name()).isEqualTo("test");
    assertThat(Texts.errorsWith(filler + "#"))
        .isEqualTo("p.yaml:1:1: the policy has more than 1048576 bytes");
  }

  @Test
  void aNulIsRefusedEvenWhenItIsEscaped() {
    assertThat(Texts.errors("policy: embryo/v1\nname: test\nprogram: {path: /x, arguments: [a, \"b\\0\"]}\n"))
        .isEqualTo("p.yaml:3:36: program.arguments[1]: a NUL character ends a string for the kernel, so it cannot be"
            + " inside one");
  }

  @Test
  void halfACharacterIsRefused() {
    assertThat(Texts.errors("policy: embryo/v1\nname: test\nprogram: {path: \"/\\uD800\"}\n"))
        .isEqualTo("p.yaml:3:17: program.path: half of a surrogate pair is not a character");
  }

  @Test
  void anErrorCannotMoveTheCursorOfATerminal() {
    assertThat(Texts.errorsWith("\"\\e[2J\\n\\u202E\": 1\n"))
        .isEqualTo("p.yaml:4:1: unknown key '\\u001B[2J\\u000A\\u202E'");
    assertThat(Texts.errorsWith("network: \"" + "x".repeat(100) + "\"\n"))
        .isEqualTo("p.yaml:4:10: network: expected none, not the quoted text '" + "x".repeat(80) + "...'");
  }
}
