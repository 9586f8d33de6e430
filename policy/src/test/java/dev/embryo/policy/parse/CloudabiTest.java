package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.SocketCapability;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations of cloudabi-run: which policy one means, and what is wrong with one, at its place. */
class CloudabiTest {

  private static final String TAG = "%TAG ! tag:nuxi.nl,2015:cloudabi/\n---\n";

  private static PolicyTemplate template(String text, String program) throws PolicyException {
    return CloudabiReader.read("c.yaml", Texts.BASE, text.getBytes(StandardCharsets.UTF_8), Path.of(program),
        path -> path.equals(Path.of("/srv/policies/tree")));
  }

  private static Policy policy(String text) throws PolicyException {
    return template(text, "bin/Server 2").bind(Binding.NONE);
  }

  private static Argument arguments(Policy policy) {
    return ((ArgumentsCapability) capability(policy, "arguments")).tree();
  }

  private static Capability capability(Policy policy, String name) {
    return Objects.requireNonNull(policy.capabilities().get(name));
  }

  @Test
  void theConfigurationOfTheManualMeansAServerInThePureWorld() throws Exception {
    var policy = policy(TAG + """
        hostname: mywebserver.com
        concurrent_connections: 64
        rootdir: !file
          path: tree
        socket: !socket
          bind: 0.0.0.0:12345
        logfile: !fd stdout
        """);

    assertThat(policy.name()).isEqualTo("server-2");
    assertThat(policy.program().path()).isEqualTo(Path.of("/srv/policies/bin/Server 2"));
    assertThat(policy.filesystem().devices()).isEqualTo(Devices.NONE);
    assertThat(policy.capabilities().keySet()).containsExactly("stdout", "rootdir", "socket", "arguments");
    assertThat(policy.passed()).containsExactly("rootdir", "socket", "arguments");
    assertThat(((Inherit) capability(policy, "stdout")).from()).isEqualTo(1);
    assertThat(capability(policy, "stdout").rights().has(Right.READ)).isFalse();
    assertThat(((DirectoryCapability) capability(policy, "rootdir")).path()).isEqualTo(Path.of("/srv/policies/tree"));
    assertThat(((SocketCapability) capability(policy, "socket")).address()).hasToString("tcp:0.0.0.0:12345");
    assertThat(arguments(policy).toString()).isEqualTo("Mapping[entries={hostname=Text[value=mywebserver.com], "
        + "concurrent_connections=Whole[value=64], rootdir=Reference[capability=rootdir], socket=Reference[capability=socket], "
        + "logfile=Reference[capability=stdout]}]");
  }

  @Test
  void aTagIsTheSameWithoutTheDirectiveAndInFull() throws Exception {
    String list = "[!fd stdout, !<tag:nuxi.nl,2015:cloudabi/fd> stderr]";

    assertThat(arguments(policy(list))).isEqualTo(arguments(policy(TAG + list)))
        .isEqualTo(new Argument.Sequence(List.of(new Argument.Reference("stdout"), new Argument.Reference("stderr"))));
  }

  @Test
  void whatIsInheritedTwiceIsOneCapability() throws Exception {
    var policy = policy("[!fd 5, !fd stdin, !fd 0, !fd 5, !fd 2, !fd {number: 6, rights: write}]");

    assertThat(policy.capabilities().keySet()).containsExactly("fd-5", "stdin", "stderr", "fd-6", "arguments");
    assertThat(capability(policy, "fd-5").fd()).isEqualTo(OptionalInt.of(3));
    assertThat(capability(policy, "fd-5").rights().has(Right.WRITE)).isFalse();
    assertThat(capability(policy, "fd-6").rights().has(Right.WRITE)).isTrue();
    assertThat(capability(policy, "stdin").rights().has(Right.WRITE)).isFalse();
    assertThat(capability(policy, "stderr").rights().has(Right.READ)).isFalse();
  }

  @Test
  void theWholeTreeMayBeACapability() throws Exception {
    var policy = policy(TAG + "!file {path: /etc/motd}");

    assertThat(arguments(policy)).isEqualTo(new Argument.Reference("arguments-2"));
    assertThat(((FileCapability) capability(policy, "arguments-2")).path()).isEqualTo(Path.of("/etc/motd"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '`', textBlock = """
      ``
      # nothing
      null
      """)
  void nothingIsNull(String text) throws Exception {
    assertThat(arguments(policy(text))).isEqualTo(new Argument.Nothing());
    assertThat(arguments(policy(TAG))).isEqualTo(new Argument.Nothing());
    assertThat(arguments(Texts.parse(template(text, "/bin/a").expand()))).isEqualTo(new Argument.Nothing());
  }

  @Test
  void aDollarAndABraceAreNoParameter() throws Exception {
    var policy = policy("[\"${who}\", \"$${\", {\"${k}\": !!str \"${v}\"}, !file {path: \"a${b}\"}]");

    assertThat(((Argument.Sequence) arguments(policy)).items().subList(0, 3)).isEqualTo(List.of(new Argument.Text("${who}"),
        new Argument.Text("$${"), new Argument.Mapping(Map.of("${k}", new Argument.Text("${v}")))));
    assertThat(((FileCapability) capability(policy, "arguments-3")).path()).isEqualTo(Path.of("/srv/policies/a${b}"));
    assertThat(template("[]", "/bin/${x}").bind(Binding.NONE).program().path()).isEqualTo(Path.of("/bin/${x}"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      bind: "127.0.0.1:80"                       | tcp:127.0.0.1:80
      bind: "[::1]:80", type: stream             | tcp:[0:0:0:0:0:0:0:1]:80
      bind: "127.0.0.1:53", type: dgram          | udp:127.0.0.1:53
      bind: /run/s                               | unix:/run/s
      bind: /run/s, type: dgram                  | unix-datagram:/run/s
      connect: /run/s, type: seqpacket           | unix-seqpacket:/run/s
      connect: "10.0.0.1:80", rights: read       | tcp:10.0.0.1:80
      """)
  void aSocketHasTheAddressThatItsTypeSays(String written, String address) throws Exception {
    var policy = policy("s: !socket {" + written + "}");

    assertThat(((SocketCapability) capability(policy, "s")).address()).hasToString(address);
    assertThat(capability(policy, "s").kind()).isEqualTo(written.startsWith("bind") ? "listen" : "connect");
    assertThat(capability(policy, "s").rights().has(Right.WRITE))
        .isEqualTo(written.startsWith("connect") && !written.contains("rights"));
  }

  @Test
  void templatesAreEqualOnlyForTheSameProgramAndTheSameKindsOfFiles() throws Exception {
    assertThat(template("[a]", "/bin/a")).isEqualTo(template("[a]", "/bin/a")).isNotEqualTo(template("[a]", "/bin/b"));
    byte[] file = "[!file {path: x}]".getBytes(StandardCharsets.UTF_8);

    assertThat(CloudabiReader.read("c.yaml", Texts.BASE, file, Path.of("a"), path -> true))
        .isNotEqualTo(CloudabiReader.read("c.yaml", Texts.BASE, file, Path.of("a"), path -> false));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      a: !fd out                              | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not 'out'
      a: !fd 05                               | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not '05'
      a: !fd -1                               | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not '-1'
      a: !fd 1048576                          | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not '1048576'
      a: !fd 4294967297                       | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not '4294967297'
      a: !fd [1]                              | 3:4: arguments.a: expected stdin, stdout, stderr or the number of a descriptor behind !fd, not a list
      a: !fd {nummer: 1}                      | 3:9: unknown key 'nummer'; did you mean 'number'?; !fd has number, rights
      [!fd 3, !fd {number: 3, rights: write}] | 3:33: arguments[1]: descriptor 3 has its rights already, since line 3; write them there
      a: !file x                              | 3:4: arguments.a: expected a mapping behind !file, not 'x'
      a: !file {paht: x}                      | 3:11: unknown key 'paht'; did you mean 'path'?; !file has path, rights
      a: !file {path: x, rights: fly}         | 3:28: capabilities.a.rights: 'fly' is not a right of a file
      a: !file {path: tree, rights: map}      | 3:31: capabilities.a.rights: 'map' is not a right of a directory
      a: !socket {bind: "localhost:80"}       | 3:19: capabilities.a.listen: 'localhost' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up
      a: !socket {bind: "1.2.3.4:1", type: x} | 3:38: arguments.a: expected one of dgram, seqpacket, stream as the type of a socket, not 'x'
      a: !socket {bind: "1.2.3.4:1", type: seqpacket} | 3:19: arguments.a: a socket of the type seqpacket has an absolute path as its address, not the quoted text '1.2.3.4:1'
      a: !socket {domain: inet}               | 3:13: unknown key 'domain'; !socket has bind, connect, rights, type
      a: !socket {type: stream}               | 3:4: arguments.a: !socket needs 'bind' or 'connect'
      a: !socket {bind: /a, connect: /b}      | 3:4: capabilities.a: has the kinds listen, connect; write one of them
      a: !flower_switchboard_handle {}        | 3:4: arguments.a: '!flower_switchboard_handle' is no tag of this language; there are !fd, !file, !directory, !socket, !!str, !!int, !!float, !!bool, !!null, !!binary, !!timestamp, !!map, !!seq
      a: [&x b]                               | 3:5: arguments.a[0]: anchors ('&name') are not supported
      a: !file {path: &x b}                   | 3:17: arguments.a.path: anchors ('&name') are not supported
      {a: 1, a: 2}                            | 3:8: duplicate key 'a'; the first is on line 3
      """)
  void whatIsWrongIsSaidWithItsPlace(String text, String error) {
    PolicyException exception = catchThrowableOfType(PolicyException.class, () -> policy(TAG + text));

    assertThat(exception).isNotNull();
    assertThat(exception.getMessage().lines()).containsExactly("c.yaml:" + error);
  }

  @Test
  void aTagOfAnotherAuthorityIsNoTagOfCloudabi() {
    PolicyException exception =
        catchThrowableOfType(PolicyException.class, () -> policy("%TAG ! tag:example.org:\n---\n[!fd stdout]\n"));

    assertThat(exception.getMessage()).startsWith("c.yaml:3:2: arguments[0]: 'tag:example.org:fd' is no tag of this language;");
  }
}
