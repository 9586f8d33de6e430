package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The schema for editors knows the language of the parser. */
class PolicySchemaTest {

  static {
    System.setProperty("slf4j.internal.verbosity", "ERROR"); // the validator logs to nobody
  }

  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(PolicySchema.text());

  static Stream<String> policies() throws IOException {
    return ExpansionTest.policies();
  }

  /** Every section of the language: its path, names chosen. */
  static Stream<String> sections() {
    return KeyTable.KEYS.stream()
        .map(key -> key.path().contains(".") ? key.path().substring(0, key.path().lastIndexOf('.')) : "")
        .map(path -> path.replace("capabilities.*", "capabilities.a").replace("parameters.*", "parameters.p"))
        .filter(path -> !path.equals("capabilities") && !path.equals("parameters"))
        .filter(path -> !path.equals("program.environment")) // where any name is a variable's
        .distinct();
  }

  private static Set<String> problems(String yaml) {
    Object document = new Load(LoadSettings.builder().build()).loadFromString(withoutTags(yaml));
    JsonNode json = new ObjectMapper().valueToTree(named(document));
    return SCHEMA.validate(json).stream().map(ValidationMessage::getMessage).collect(Collectors.toSet());
  }

  /** A schema of JSON knows no tags, and what they stand before is a value of JSON. */
  private static String withoutTags(String yaml) {
    return yaml.replaceAll("(?<=[ \\[])!!?[a-z]+ ", "");
  }

  /** The same with a text in the place of every key that YAML takes for something else, as editors do. */
  private static Object named(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> named = new LinkedHashMap<>();
      map.forEach((key, entry) -> named.put(String.valueOf(key), named(entry)));
      return named;
    }
    return value instanceof List<?> list ? list.stream().map(PolicySchemaTest::named).toList() : value;
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aPolicyThatTheParserAcceptsIsValid(String text) throws Exception {
    Texts.read(text);

    assertThat(problems(text)).isEmpty();
    assertThat(problems(Texts.expand(text))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("sections")
  void anUnknownKeyIsInvalidInEverySection(String section) {
    String text = document(section, "zzz: 1");

    assertThat(problems(text)).as(text).anyMatch(message -> message.contains("zzz"));
    assertThat(Texts.errors(text)).contains("unknown key 'zzz'");
  }

  /** The least policy with an entry in a section. */
  private static String document(String section, String entry) {
    String rest = section.isEmpty() ? entry : section.replace(".", ": {") + ": {" + entry + "}".repeat(section.split("[.]").length);
    return rest.startsWith("program")
        ? "policy: embryo/v1\nname: test\n" + rest.replaceFirst("program: \\{", "program: {path: x, ") + "\n"
        : Texts.LEAST + rest + "\n";
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      limits: {memory: 1MB}
      limits: {memory: 5}
      limits: {open-files: many}
      limits: {cpu-time: 5}
      processes: {spawn: maybe}
      filesystem: {programs: [1, [2]]}
      filesystem: {devices: some}
      profile: cly
      capabilities: {a: {file: x, tmpfs: 1MiB}}
      capabilities: {a: {rights: read}}
      capabilities: {A: {file: x}}
      capabilities: {a: {file: x, rights: raed}}
      capabilities: {a: {file: x, fd: -1}}
      capabilities: {a: {null: false}}
      parameters: {p: {default: x}}
      parameters: {p: {directory: x}}
      identity: {groups: [0]}
      isolation: {require: [seccomp, seccomp]}
      name: x y
      system-calls: {allow: [{when: arg0 == 1}]}
      """)
  void whatOneKeyAloneShowsToBeWrongIsInvalid(String wrong) {
    String text = wrong.startsWith("name") ? Texts.LEAST.replace("name: test", wrong) : Texts.LEAST + wrong + "\n";

    assertThat(problems(text)).isNotEmpty();
    assertThat(Texts.errors(text)).startsWith("p.yaml:");
  }

  @Test
  void whatIsRequiredIsRequired() {
    assertThat(problems("{}")).hasSize(3);
    assertThat(problems("{policy: embryo/v1, name: a, program: {}}")).hasSize(1);
  }

  @Test
  void theSchemaIsTheSameWheneverItIsWritten() {
    assertThat(PolicySchema.text()).isEqualTo(PolicySchema.text()).doesNotContain("`");
  }

  @Test
  void everyKeyHasItsDescription() throws IOException {
    JsonNode root = new ObjectMapper().readTree(PolicySchema.text());

    assertThat(root.at("/properties/limits/properties/memory/description").asText())
        .isEqualTo(KeyTable.MEMORY.doc().replace("`", ""));
    assertThat(root.at("/properties/limits/properties/open-files/default").asInt()).isEqualTo(256);
    assertThat(root.at("/$schema").asText()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
  }
}
