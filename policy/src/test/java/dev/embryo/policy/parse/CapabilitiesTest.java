package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.SocketCapability;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a capability can be, what it cannot, and which descriptor it becomes. */
class CapabilitiesTest {

  /** Parses a policy with these capabilities, the first on line 5 and each on a line of its own. */
  private static Policy with(String... capabilities) throws Exception {
    return Texts.with(section(capabilities));
  }

  private static String errors(String... capabilities) {
    return Texts.errorsWith(section(capabilities));
  }

  private static String section(String... capabilities) {
    return "capabilities:\n  " + String.join("\n  ", capabilities) + "\n";
  }

  private static String table(Policy policy) {
    return policy.descriptors().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue().name())
        .collect(Collectors.joining(", "));
  }

  // Rights

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      inherit: 5   |                            | read duplicate
      inherit: 5   | read                       | read duplicate
      inherit: 5   | [read, duplicate]          | read duplicate
      inherit: 5   | [write]                    | write duplicate
      inherit: 5   | [write, read]              | read write duplicate
      inherit: 5   | all                        | read write duplicate
      inherit: 5   | [read, lock]               | read seek stat lock poll
      inherit: 5   | stat                       | stat poll
      inherit: 5   | [write, window-size]       | write seek stat poll window-size
      inherit: 5   | [accept, getname]          | poll accept getname
      null: true   |                            | read write duplicate
      null: true   | read                       | read duplicate
      file: f      |                            | read seek stat poll
      file: f      | read                       | read seek stat poll
      file: f      | write                      | write seek stat poll
      file: f      | append                     | append stat poll
      file: f      | [read, write]              | read write seek stat poll
      file: f      | [read, map, map-execute]   | read seek stat map map-execute poll
      file: f      | [truncate]                 | truncate poll
      file: f      | [read, {ioctl: [FIGETBSZ, 0x5401]}, {fcntl: [F_SETFL]}] | read seek stat poll {ioctl: [FIGETBSZ, TCGETS]} {fcntl: [F_SETFL]}
      file: f      | [write, duplicate]         | write duplicate
      file: f      | all                        | read write duplicate
      file: f      | [all]                      | read write duplicate
      file: f, mount: /f |                      | read duplicate
      file: f, mount: /f | [read, write]        | read write duplicate
      pipe: true   |                            | read duplicate
      pipe: true   | write                      | write duplicate
      pipe: true   | [read, stat]               | read stat poll
      pipe: true   | [write, {fcntl: [F_SETFL]}] | write stat poll {fcntl: [F_SETFL]}
      directory: d |                            | read stat duplicate list lookup
      directory: d | read                       | read stat duplicate list lookup
      directory: d | [list, read]               | read stat duplicate list lookup
      directory: d | [list, lookup, stat, read] | read stat duplicate list lookup
      directory: d | [list, write]              | write stat duplicate list lookup
      directory: d | create                     | stat duplicate lookup create
      directory: d | [create, delete, rename]   | stat duplicate lookup create delete rename
      directory: d | all                        | read write stat metadata duplicate list lookup create delete rename link symlink
      tmpfs: 1MiB  |                            | read write stat metadata duplicate list lookup create delete rename link symlink
      directory: d | list                       | stat duplicate list lookup
      tmpfs: 1MiB  | read                       | read stat duplicate list lookup
      tmpfs: 1MiB  | all                        | read write stat metadata duplicate list lookup create delete rename link symlink
      """)
  void rightsAreSpeltOut(String kind, String rights, String expected) throws Exception {
    String mount = kind.startsWith("directory") || kind.startsWith("tmpfs") ? ", mount: /m" : "";
    String written = rights == null ? "" : ", rights: " + rights;
    Capability capability = with("a: {" + kind + mount + written + "}").capabilities().get("a");

    assertThat(capability.rights().toString().replaceAll("[\\[\\],]", ""))
        .isEqualTo(expected.replaceAll("[\\[\\],]", ""));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {file: f, rights: [read, append]}       | 5:24: capabilities.a.rights: a file opened for 'append' cannot have 'read'
      {file: f, rights: [append, write]}      | 5:24: capabilities.a.rights: a file opened for 'append' cannot have 'write'
      {file: f, rights: [append, map]}        | 5:24: capabilities.a.rights: a file opened for 'append' cannot have 'map'
      {file: f, rights: [append, duplicate]}  | 5:24: capabilities.a.rights: a file opened for 'append' cannot have 'duplicate': a duplicate stops appending by fcntl(F_SETFL)
      {file: f, rights: [append, {fcntl: [F_SETFL]}]} | 5:24: capabilities.a.rights: a file opened for 'append' cannot have F_SETFL, by which it stops appending
      {file: f, rights: execute}              | 5:24: capabilities.a.rights: 'execute' is no right of a file: what may be executed is said of the whole program; mount it, and name it in processes.execute
      {file: f, rights: [read, allocate]}     | 5:24: capabilities.a.rights: 'allocate' goes with 'write': it can overwrite with zeros
      {file: f, rights: map}                  | 5:24: capabilities.a.rights: 'map' goes with 'read': what is mapped is read
      {file: f, rights: [read, map, map-write]} | 5:24: capabilities.a.rights: 'map-write' goes with 'write': what is mapped so is written
      {file: f, rights: [write, map-write]}   | 5:24: capabilities.a.rights: 'map-write' goes with 'map'
      {file: f, rights: [read, map-execute]}  | 5:24: capabilities.a.rights: 'map-execute' goes with 'map'
      {file: f, rights: [read, write, map]}   | 5:24: capabilities.a.rights: 'map' goes with 'map-write' where a file is open for writing, too: mprotect makes the one of the other
      {file: f, rights: [stat, duplicate]}    | 5:24: capabilities.a.rights: 'duplicate' goes with 'read' or 'write', for a duplicate of a file has all that its open mode allows
      {file: f, rights: [read, truncate, duplicate]} | 5:24: capabilities.a.rights: 'duplicate' goes with 'read' or 'write', for a duplicate of a file has all that its open mode allows
      {file: f, mount: /f, rights: [read, lock]} | 5:35: capabilities.a.rights: a file that is mounted has 'read', 'write' or both: the program opens it by itself, and may do then all that the mode of opening allows
      {inherit: 5, rights: list}              | 5:27: capabilities.a.rights: 'list' is not a right of an inherited descriptor
      {file: f, rights: [read, ioctl]}        | 5:31: capabilities.a.rights[1]: 'ioctl' holds a list, as in {ioctl: [TCGETS]}
      {file: f, rights: [read, {lock: [1]}]}  | 5:32: capabilities.a.rights[1]: 'lock' is not a right that holds a list; expected ioctl or fcntl or signal
      {file: f, rights: [read, {ioctl: []}]}  | 5:39: capabilities.a.rights[1].ioctl: an empty list allows nothing; leave the right out instead
      {file: f, rights: [read, {ioctl: [FIONBOI]}]} | 5:40: capabilities.a.rights[1].ioctl[0]: 'FIONBOI' is not among what 'ioctl' can allow; did you mean 'FIONBIO'?
      {file: f, rights: [read, {ioctl: [0x5412]}]} | 5:40: capabilities.a.rights[1].ioctl[0]: '0x5412' is not among what 'ioctl' can allow
      {file: f, rights: [read, {ioctl: [0x100005401]}]} | 5:40: capabilities.a.rights[1].ioctl[0]: '0x100005401' is not among what 'ioctl' can allow
      {file: f, rights: [read, {ioctl: x}]}   | 5:39: capabilities.a.rights[1].ioctl: expected a list of names or numbers, not 'x'
      {file: f, rights: []}                   | 5:24: capabilities.a.rights: an empty list grants nothing; leave the capability out instead
      {file: f, rights: ""}                   | 5:24: capabilities.a.rights: '' is not a right of a file
      {file: f, rights: [read, all]}          | 5:24: capabilities.a.rights: 'all' holds the others already; write it alone
      {file: f, rights: [read, read]}         | 5:31: capabilities.a.rights[1]: 'read' stands in the list twice
      {file: f, rights: [read, wirte]}        | 5:31: capabilities.a.rights[1]: 'wirte' is not a right of a file; did you mean 'write'?
      {file: f, rights: list}                 | 5:24: capabilities.a.rights: 'list' is not a right of a file
      {file: f, rights: [{ioctl: [X]}]}       | 5:34: capabilities.a.rights[0].ioctl[0]: 'X' is not among what 'ioctl' can allow
      {file: f, rights: {read: true}}         | 5:25: capabilities.a.rights: 'read' is not a right that holds a list; expected ioctl or fcntl or signal
      {file: f, rights: [[read]]}             | 5:25: capabilities.a.rights[0]: expected a right, not a list
      {file: f, rights: [read, null]}         | 5:31: capabilities.a.rights[1]: has no value; expected a right
      {directory: d, mount: /m, rights: [create, delete]} | 5:40: capabilities.a.rights: 'create' and 'delete' go with 'rename' for a directory: who may make and remove names may rename
      {directory: d, mount: /m, rights: rename} | 5:40: capabilities.a.rights: 'rename' goes with 'create': it makes a name
      {directory: d, mount: /m, rights: [create, rename]} | 5:40: capabilities.a.rights: 'rename' goes with 'delete': it removes a name
      {directory: d, mount: /m, rights: link} | 5:40: capabilities.a.rights: 'link' goes with 'create': it makes a name
      {directory: d, mount: /m, rights: execute} | 5:40: capabilities.a.rights: 'execute' is no right of a directory: what may be executed is said of the whole program; name it in processes.execute
      {directory: d, mount: /m, rights: seek} | 5:40: capabilities.a.rights: 'seek' is not a right of a directory
      {pipe: true, rights: [read, write]}     | 5:27: capabilities.a.rights: a pipe goes one way: it has either 'read' or 'write'
      {pipe: true, rights: all}               | 5:27: capabilities.a.rights: a pipe goes one way: it has either 'read' or 'write'
      {pipe: true, rights: [stat]}            | 5:27: capabilities.a.rights: a pipe goes one way: it has either 'read' or 'write'
      {pipe: true, rights: seek}              | 5:27: capabilities.a.rights: 'seek' is not a right of a pipe
      {tmpfs: 1MiB, mount: /m, rights: append} | 5:39: capabilities.a.rights: 'append' is not a right of a tmpfs
      """)
  void rightsThatCannotBeEnforcedAreRefused(String capability, String error) {
    assertThat(errors("a: " + capability)).isEqualTo("p.yaml:" + error);
  }

  // Sockets

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {listen: "tcp:127.0.0.1:0"}                      | listen, tcp:127.0.0.1:0, [stat, poll, accept, getname]
      {listen: "tcp:[::1]:65535", rights: accept}      | listen, tcp:[0:0:0:0:0:0:0:1]:65535, [stat, poll, accept]
      {listen: "unix:/run/s", rights: all}             | listen, unix:/run/s, [duplicate, accept, getname]
      {listen: "udp:0.0.0.0:53"}                       | listen, udp:0.0.0.0:53, [read, stat, poll]
      {listen: "unix-seqpacket:/s"}                    | listen, unix-seqpacket:/s, [stat, poll, accept, getname]
      {connect: "unix-datagram:/s"}                    | connect, unix-datagram:/s, [read, write, stat, poll]
      {connect: "abstract:a b"}                        | connect, abstract:a b, [read, write, stat, poll]
      {connect: "tcp:10.0.0.1:5432", rights: all}      | connect, tcp:10.0.0.1:5432, [read, write, duplicate]
      """)
  void aSocketHasAnAddressAndTheRightsOfItsKind(String capability, String meaning) throws Exception {
    var socket = (SocketCapability) Objects.requireNonNull(with("a: " + capability).capabilities().get("a"));
    assertThat(socket.kind() + ", " + socket.address() + ", " + socket.rights()).isEqualTo(meaning);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      {listen: 80}                        | 5:15: capabilities.a.listen: expected the address of a socket, such as tcp:127.0.0.1:8080 or unix:/run/socket, not '80'
      {listen: "tpc:127.0.0.1:80"}        | 5:15: capabilities.a.listen: 'tpc' is no kind of socket; write one of tcp, udp, unix, unix-datagram, unix-seqpacket, abstract, abstract-datagram, abstract-seqpacket; did you mean 'tcp'?
      {listen: "tcp:localhost:80"}        | 5:15: capabilities.a.listen: 'localhost' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up
      {listen: "tcp:127.1:80"}            | 5:15: capabilities.a.listen: '127.1' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up
      {listen: "tcp:[::1%lo]:80"}         | 5:15: capabilities.a.listen: '[::1%lo]' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up
      {listen: "tcp:[1::2::3]:80"}        | 5:15: capabilities.a.listen: '[1::2::3]' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up
      {connect: "udp:::1:80"}             | 5:16: capabilities.a.connect: expected an address and a port, such as udp:127.0.0.1:8080 or udp:[::1]:8080, not '::1:80'
      {connect: "tcp:127.0.0.1:0"}        | 5:16: capabilities.a.connect: expected a port from 1 to 65535, not '0'
      {listen: "tcp:127.0.0.1:65536"}     | 5:15: capabilities.a.listen: expected a port from 0 to 65535, not '65536'
      {listen: "unix:@name"}              | 5:15: capabilities.a.listen: expected an absolute path, such as unix:/run/socket, not '@name'; a name without a file is written abstract:NAME
      {listen: "abstract:"}               | 5:15: capabilities.a.listen: the name of a Unix socket has 1 to 107 bytes, none of them NUL
      {listen: "unix:/${p}"}              | 5:15: capabilities.a.listen: a parameter ('${name}') cannot stand here
      {listen: "tcp:[::1]:80", rights: read}               | 5:39: capabilities.a.rights: 'read' is not a right of a listening socket
      {listen: "udp:[::1]:80", rights: accept}             | 5:39: capabilities.a.rights: 'accept' is not a right of a datagram socket
      {listen: "tcp:[::1]:80", rights: duplicate}          | 5:39: capabilities.a.rights: 'duplicate' goes with 'accept': a duplicate of a listening socket has all that a socket allows
      {connect: "tcp:[::1]:80", rights: [read, duplicate]} | 5:40: capabilities.a.rights: 'duplicate' goes with 'read' and 'write': a duplicate of a connected socket has all that a socket allows
      {listen: "udp:[::1]:80", rights: [read, connect]}    | 5:39: capabilities.a.rights: 'connect' goes with 'write': of a datagram socket it means sending to whom the program names
      """)
  void whatIsNoSocketIsRefused(String capability, String error) {
    assertThat(errors("a: " + capability)).isEqualTo("p.yaml:" + error);
  }

  // Kinds and what goes with them

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      a: {rights: read}                          | 5:3: capabilities.a: has no kind; write one of inherit, null, file, directory, tmpfs, descriptor, pipe, process, memory, listen, connect
      a: {}                                      | 5:3: capabilities.a: has no kind; write one of inherit, null, file, directory, tmpfs, descriptor, pipe, process, memory, listen, connect
      a: {file: f, directory: d}                 | 5:3: capabilities.a: has the kinds file, directory; write one of them
      a: {connect: "tcp:[::1]:80", mount: /f}    | 5:39: capabilities.a.mount: a connected socket cannot be mounted
      a: {listen: "tcp:[::1]:80", fd: none}      | 5:35: capabilities.a.fd: a listening socket is not mounted, so it needs a descriptor
      a: {connect: "tcp:[::1]:80", backlog: 5}   | 5:41: capabilities.a.backlog: goes with 'listen'; a connected socket has no such option
      a: {listen: "udp:[::1]:80", backlog: 5}    | 5:40: capabilities.a.backlog: a datagram socket has no connections that could wait
      stdin: {file: f, mount: /f, fd: none}      | 5:35: capabilities.stdin.fd: 'stdin' is descriptor 0
      a: {file: f, fd: none}                     | 5:20: capabilities.a.fd: a file is not mounted, so it needs a descriptor
      a: {inherit: 5, mount: /f}                 | 5:26: capabilities.a.mount: an inherited descriptor cannot be mounted
      a: {null: true, mount: /f}                 | 5:26: capabilities.a.mount: the null device cannot be mounted
      a: {directory: d, fd: none}                | 5:25: capabilities.a.fd: a directory is not mounted, so it needs a descriptor
      stdin: {directory: d, mount: /d, fd: none} | 5:40: capabilities.stdin.fd: 'stdin' is descriptor 0
      a: {tmpfs: 1MiB}                           | 5:3: capabilities.a: a tmpfs needs 'mount', the path at which the program sees it
      a: {tmpfs: 1MiB, mount: /d, fd: 5}         | 5:35: capabilities.a.fd: a tmpfs has no descriptor; it is only mounted
      stdin: {tmpfs: 1MiB, mount: /d}            | 5:3: capabilities.stdin: is descriptor 0, and a tmpfs is only mounted; choose another name
      stdout: {inherit: 1, fd: 5}                | 5:28: capabilities.stdout.fd: 'stdout' is descriptor 1
      A: {null: true}                            | 5:3: capabilities: expected a name of a-z, 0-9, _ and -, beginning with a letter, 64 characters at most, not 'A'
      a.b: {null: true}                          | 5:3: capabilities: expected a name of a-z, 0-9, _ and -, beginning with a letter, 64 characters at most, not 'a.b'
      "*": {null: true}                          | 5:3: capabilities: expected a name of a-z, 0-9, _ and -, beginning with a letter, 64 characters at most, not '*'
      a: 5                                       | 5:6: capabilities.a: expected a mapping with inherit, null, file, directory, tmpfs, descriptor, pipe, process, memory, listen, backlog, reuse, connect, rights, fd, mount, not '5'
      a:                                         | 5:5: capabilities.a: has no value; expected a mapping with inherit, null, file, directory, tmpfs, descriptor, pipe, process, memory, listen, backlog, reuse, connect, rights, fd, mount
      """)
  void whatAKindCannotHaveIsRefused(String capability, String error) {
    assertThat(errors(capability)).isEqualTo("p.yaml:" + error);
  }

  @Test
  void whatIsOnlyMountedMaySaySo() throws Exception {
    assertThat(with("a: {directory: d, mount: /d, fd: none}").capabilities().get("a").fd()).isEmpty();
  }

  @Test
  void aFileIsMountedOrADescriptorOrBoth() throws Exception {
    Policy policy = with(
        "mounted: {file: f, mount: /f}",
        "same: {file: f, mount: /g, fd: none}",
        "both: {file: f, mount: /h, fd: 9}",
        "stdin: {file: f, mount: /i}",
        "descriptor: {file: f}");

    assertThat(table(policy)).isEqualTo("0 stdin, 1 stdout, 2 stderr, 3 descriptor, 9 both");
    assertThat(policy.capabilities().values().stream().flatMap(c -> c.mount().stream()))
        .containsExactly("/f", "/g", "/h", "/i");
  }

  @Test
  void aDirectoryIsMountedOrADescriptorOrBoth() throws Exception {
    Policy policy = with(
        "mounted: {directory: d, mount: /d}",
        "same: {directory: d, mount: /e, fd: none}",
        "both: {directory: d, mount: /f, fd: 9}",
        "descriptor: {directory: d}");

    assertThat(table(policy)).isEqualTo("0 stdin, 1 stdout, 2 stderr, 3 descriptor, 9 both");
    assertThat(policy.capabilities().values().stream().flatMap(c -> c.mount().stream())).containsExactly("/d", "/e", "/f");
  }

  @Test
  void anErrorInOneCapabilityHidesNoneInAnother() {
    assertThat(errors("a: {file: ~/x}", "b: {tmpfs: 1MB, mount: /x}", "c: {tmpfs: 4KiB}")).isEqualTo("""
        p.yaml:5:13: capabilities.a.file: '~' is not expanded; write the whole path
        p.yaml:6:14: capabilities.b.tmpfs: expected a size from 4KiB to 8589934591GiB, such as 64MiB, not '1MB'
        p.yaml:7:3: capabilities.c: a tmpfs needs 'mount', the path at which the program sees it""");
  }

  // Paths

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      ~            | has no value; expected a path
      ~/x          | '~' is not expanded; write the whole path
      "~root"      | '~' is not expanded; write the whole path
      ""           | a path cannot be empty
      "a\\nb"      | a path cannot hold control characters
      "a\\x9bb"    | a path cannot hold control characters
      "${photo}"   | no parameter is called 'photo'
      """)
  void aHostPathIsTakenAsItStandsOrNotAtAll(String path, String error) {
    assertThat(errors("a: {file: " + path.replace("\\\\", "\\") + "}"))
        .isEqualTo("p.yaml:5:13: capabilities.a.file: " + error);
  }

  @Test
  void aPathLongerThanTheKernelTakesIsRefused() {
    assertThat(errors("a: {file: " + "x".repeat(256) + "}"))
        .isEqualTo("p.yaml:5:13: capabilities.a.file: a name in a path has at most 255 bytes");
    assertThat(errors("a: {file: " + "x/".repeat(2048) + "}"))
        .isEqualTo("p.yaml:5:13: capabilities.a.file: a path has at most 4095 bytes");
  }

  @Test
  void aGlobIsAFileNameLikeAnyOther() throws Exception {
    assertThat(with("a: {file: '*.[ch]'}").capabilities().get("a")).hasToString(
        "FileCapability[name=a, path=/srv/policies/*.[ch], under=Optional.empty, rights=[read, seek, stat, poll], fd=OptionalInt[3], mount=Optional.empty,"
            + " position=p.yaml:5:3]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      in           | must be absolute: a path in the program's view, beginning with '/'
      /            | nothing can be mounted on '/' itself
      //           | must be written without '.', '//' and a '/' at the end
      /in/         | must be written without '.', '//' and a '/' at the end
      /in//x       | must be written without '.', '//' and a '/' at the end
      /./in        | must be written without '.', '//' and a '/' at the end
      /in/../x     | must not hold '..'
      /..          | must not hold '..'
      /proc        | nothing can be mounted in /proc
      /proc/x      | nothing can be mounted in /proc
      /sys/fs      | nothing can be mounted in /sys
      "/a\\nb"     | a path cannot hold control characters
      /dev         | /dev holds the devices; mount elsewhere, or write 'devices: none' in filesystem
      /dev/shm     | /dev holds the devices; mount elsewhere, or write 'devices: none' in filesystem
      """)
  void aMountHasAPlainPlaceOfItsOwn(String mount, String error) {
    assertThat(errors("a: {tmpfs: 1MiB, mount: " + mount.replace("\\\\", "\\") + "}"))
        .isEqualTo("p.yaml:5:27: capabilities.a.mount: " + error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/in", "/a/b/c", "/processes", "/system", "/..x", "/.x", "/ä ö"})
  void aPlainPlaceIsAllowed(String mount) throws Exception {
    assertThat(with("a: {tmpfs: 1MiB, mount: " + mount + "}").capabilities().get("a").mount()).contains(mount);
  }

  @Test
  void aMountInDevIsAllowedWhereNoDevicesAre() throws Exception {
    assertThat(Texts.with("filesystem: {devices: none}\n" + section("a: {tmpfs: 1MiB, mount: /dev/shm}"))
        .capabilities()).hasSize(1);
  }

  @Test
  void twoMountsCannotHaveOnePlaceButOneCanLieInTheOther() throws Exception {
    assertThat(errors("a: {directory: d, mount: /m}", "b: {tmpfs: 1MiB, mount: /m}"))
        .isEqualTo("p.yaml:6:27: capabilities.b.mount: '/m' is where 'a' is mounted already");
    assertThat(with("a: {directory: d, mount: /m}", "b: {tmpfs: 1MiB, mount: /m/x}").capabilities()).hasSize(2);
  }

  // Descriptors

  @Test
  void descriptorsWithoutANumberStandTogetherFromThreeInTheOrderOfTheText() throws Exception {
    Policy policy = with(
        "z: {file: f}",
        "dir: {directory: d, mount: /m}",
        "stderr: {inherit: 2}",
        "fixed: {null: true, fd: 5}",
        "a: {file: g}");

    assertThat(table(policy)).isEqualTo("0 stdin, 1 stdout, 2 stderr, 3 z, 4 a, 5 fixed");
  }

  @Test
  void theStandardStreamsThatAreNotNamedHoldTheNullDevice() throws Exception {
    SortedMap<Integer, Capability> descriptors = with("stdout: {inherit: 7, rights: write}").descriptors();

    assertThat(descriptors).hasSize(3);
    assertThat(descriptors.get(0)).isInstanceOf(Null.class);
    assertThat(descriptors.get(1).kind()).isEqualTo("inherit");
    assertThat(descriptors.get(2)).isInstanceOf(Null.class);
    assertThat(descriptors.get(2).rights()).isEqualTo(Rights.of(Right.READ, Right.WRITE, Right.DUPLICATE));
    assertThat(descriptors.get(2).position()).hasToString("p.yaml:5:3");
  }

  @Test
  void aCapabilityOfAnotherNameMayHaveAStandardNumber() throws Exception {
    assertThat(table(with("input: {file: f, fd: 0}"))).isEqualTo("0 input, 1 stdout, 2 stderr");
  }

  @Test
  void theDescriptorTableCannotBeChanged() throws Exception {
    Map<Integer, Capability> descriptors = with("a: {file: f}").descriptors();

    assertThatThrownBy(() -> descriptors.remove(3))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void twoCapabilitiesCannotHaveOneNumber() {
    assertThat(errors("a: {file: f, fd: 8}", "b: {file: g, fd: 8}"))
        .isEqualTo("p.yaml:6:20: capabilities.b.fd: descriptor 8 is that of 'a' already");
    assertThat(errors("stdin: {file: f}", "b: {file: g, fd: 0}"))
        .isEqualTo("p.yaml:6:20: capabilities.b.fd: descriptor 0 is that of 'stdin' already");
  }

  @Test
  void aFixedNumberLeavesNoGapAmongTheOthers() {
    assertThat(errors("a: {file: f}", "b: {file: g, fd: 4}", "c: {file: h}")).isEqualTo(
        "p.yaml:6:20: capabilities.b.fd: the capabilities without 'fd' take descriptors 3 to 4; choose 5 or more");
  }

  @Test
  void aNumberBeyondTheLimitOfOpenFilesIsRefused() throws Exception {
    assertThat(errors("a: {file: f, fd: 256}"))
        .isEqualTo("p.yaml:5:20: capabilities.a.fd: descriptor 256 is beyond limits.open-files, 256");
    assertThat(Texts.errorsWith("limits: {open-files: 4}\n" + section("a: {file: f}", "b: {file: g}")))
        .isEqualTo("p.yaml:7:3: capabilities.b: descriptor 4 is beyond limits.open-files, 4");
    assertThat(table(with("a: {file: f, fd: 255}"))).endsWith("255 a");
  }

  // Other lists and names that hang together

  @Test
  void theEnvironmentHasNoVariableThatEmbryoSets() {
    assertThat(Texts.errors("""
        policy: embryo/v1
        name: test
        program: {path: x, environment: {LISTEN_FDS: 1, 1A: x, A=B: x}}
        """)).isEqualTo("""
        p.yaml:3:34: program.environment.LISTEN_FDS: is set by Embryo, from the capabilities
        p.yaml:3:49: program.environment: expected a name of letters, digits and _, not beginning with a digit, not '1A'
        p.yaml:3:56: program.environment: expected a name of letters, digits and _, not beginning with a digit, \
        not 'A=B'""");
  }

  @Test
  void aListOfGroupsHasEachOnceAndNotTooMany() {
    assertThat(Texts.errorsWith("identity: {groups: [5, 5]}\n"))
        .isEqualTo("p.yaml:4:24: identity.groups[1]: stands in the list twice");
    assertThat(Texts.errorsWith("identity: {groups: [" + "1, ".repeat(33) + "]}\n"))
        .isEqualTo("p.yaml:4:20: identity.groups: has 33 items; the most is 32");
    assertThat(Texts.errorsWith("identity: {groups: [5, 0]}\n"))
        .isEqualTo("p.yaml:4:24: identity.groups[1]: expected a whole number from 1 to 2147483647, not '0'");
  }

  @Test
  void aListOfLayersHasEachOnce() {
    assertThat(Texts.errorsWith("isolation: {require: [landlock, landlock, seccmp]}\n")).isEqualTo("""
        p.yaml:4:33: isolation.require[1]: stands in the list twice
        p.yaml:4:43: isolation.require[2]: expected namespaces, landlock or seccomp, not 'seccmp'; \
        did you mean 'seccomp'?""");
  }
}
