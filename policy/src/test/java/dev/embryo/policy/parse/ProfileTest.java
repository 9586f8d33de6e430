package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Tmpfs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a policy starts from: the profile's keys hold where the policy has none. */
class ProfileTest {

  private static final Position PLACE = new Position("p.yaml", 4, 10);

  /** The values of a policy over those of a fragment that no build has. */
  private static Values over(String policy, String fragment) throws Exception {
    return read("p.yaml", policy).over(read("profile test.yaml", fragment), PLACE);
  }

  private static Values read(String file, String text) throws Exception {
    return SchemaReader.readFragment(file, Texts.BASE, text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @EnumSource
  void everyProfileIsWellFormedAndSaysNothingOfAPolicysOwn(Profile profile) {
    Values fragment = profile.fragment();

    assertThat(List.of(KeyTable.POLICY, KeyTable.NAME, KeyTable.VERSION, KeyTable.PROFILE, KeyTable.PATH))
        .allSatisfy(key -> assertThat(fragment.find(key)).as(key.path()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void everyProfileMakesAPolicyOfTheLeastPolicy(Profile profile) throws Exception {
    String text = Texts.LEAST + "profile: " + profile.name().toLowerCase(Locale.ROOT) + "\n";

    Policy policy = Texts.parse(text);

    assertThat(Meanings.of(Texts.parse(Texts.expand(text)))).isEqualTo(Meanings.of(policy));
  }

  @Test
  void whatAPolicyDoesNotWriteTheProfileDoes() throws Exception {
    Policy policy = Texts.with("profile: pure");

    assertThat(policy.filesystem().programs()).isEqualTo(Programs.NONE);
    assertThat(policy.filesystem().devices()).isEqualTo(Devices.NONE);
  }

  @Test
  void aKeyOfThePolicyReplacesTheProfilesAndNoOther() throws Exception {
    Policy policy = Texts.with("profile: pure\nfilesystem: {devices: minimal}");

    assertThat(policy.filesystem().programs()).isEqualTo(Programs.NONE);
    assertThat(policy.filesystem().devices()).isEqualTo(Devices.MINIMAL);
  }

  @Test
  void withoutAProfileTheDefaultsHold() throws Exception {
    assertThat(Meanings.of(Texts.with(""))).isEqualTo(Meanings.of(Texts.with("profile: cli")));
  }

  @Test
  void aListIsReplacedAsAWhole() throws Exception {
    Values values = over("identity: {groups: [7]}", "identity: {groups: [8, 9], user: 5}");

    assertThat(values.get(KeyTable.GROUPS)).containsExactly(7);
    assertThat(values.find(KeyTable.USER)).contains(5);
  }

  @Test
  void aVariableIsReplacedAloneAndTheOthersStay() throws Exception {
    Values values = over("program: {environment: {A: policy}}", "program: {environment: {B: profile, A: profile}}");

    assertThat(values.names("program.environment").keySet()).containsExactly("A", "B");
    assertThat(values.find(KeyTable.VARIABLE, "A").map(Template::written)).contains("policy");
    assertThat(values.find(KeyTable.VARIABLE, "B").map(Template::written)).contains("profile");
  }

  @Test
  void aCapabilityIsReplacedAsAWhole() throws Exception {
    Values values = over(
        "capabilities: {a: {tmpfs: 1MiB, mount: /a}}", "capabilities: {a: {file: /f, fd: 9}, b: {file: /g}}");

    var capabilities = CapabilityReader.read(values, new Problems());

    assertThat(capabilities.keySet()).containsExactly("a", "b");
    assertThat(capabilities.get("a")).isInstanceOf(Tmpfs.class);
    assertThat(((FileCapability) Objects.requireNonNull(capabilities.get("b"))).path()).isEqualTo(Path.of("/g"));
  }

  @Test
  void aConflictWithTheProfileIsToldWhereThePolicyNamesTheProfile() throws Exception {
    Values values = over("capabilities: {a: {file: /f, fd: 9}}", "capabilities: {b: {file: /g, fd: 9}}");
    Problems problems = new Problems();

    CapabilityReader.read(values, problems);

    assertThat(problems.exception()).hasMessage("p.yaml:4:10: capabilities.b.fd: descriptor 9 is that of 'a' already");
  }

  @Test
  void anUnknownProfileIsNamedWithThoseThatThereAre() {
    assertThat(Texts.errorsWith("profile: pyton")).isEqualTo("p.yaml:4:10: profile: expected cli, server, pure, python,"
        + " node or jvm, not 'pyton'; did you mean 'python'?");
  }
}
