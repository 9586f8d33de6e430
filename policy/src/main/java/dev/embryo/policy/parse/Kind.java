package dev.embryo.policy.parse;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Connect;
import dev.embryo.policy.model.DescriptorCapability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Memory;
import dev.embryo.policy.model.Listen;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Pipe;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.ProcessCapability;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.model.Tmpfs;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A kind of capability: a row for each.
 *
 * @param key the key that names it
 * @param descriptor whether the program finds it at a descriptor number
 * @param mounted whether the program finds it at a path
 * @param rights what its rights can be
 * @param maker makes the capability
 * @param <V> what the value of its key means
 */
record Kind<V>(Key<V> key, Way descriptor, Way mounted, RightsRule rights, Maker<V> maker) {

  /** Whether a program reaches a kind of capability in this way. */
  enum Way {
    /** It does, always. */
    ALWAYS,
    /** It can: at a path if one is written, at a number if one is written or nothing else is. */
    EITHER,
    /** It makes no sense. */
    NEVER
  }

  /** Makes a capability of what is common to all and the value of the kind's key. */
  interface Maker<V> {
    Capability make(Common common, V value);
  }

  /** What every capability has, its descriptor number settled. */
  record Common(String name, Rights rights, OptionalInt fd, Optional<String> mount, Position position, Values values) {
    /** An option of its kind. */
    <T> Optional<T> find(Key<T> option) {
      return values.find(option, name);
    }
  }

  private static final int BACKLOG = 4096; // as much as the kernel's own default for net.core.somaxconn

  private static final Rights READ = Rights.of(Right.READ);
  private static final Rights BOTH = Rights.of(Right.READ, Right.WRITE);

  static final Kind<Template> PASSED = new Kind<>(KeyTable.DESCRIPTOR, Way.ALWAYS, Way.NEVER, RightsRule.ofOpen("a passed descriptor"),
      (c, passed) -> new DescriptorCapability(c.name, passed.whole().orElseThrow(), c.rights, c.fd, c.mount, c.position));

  // formatter:off (one kind a row, columns aligned)
  static final List<Kind<?>> ALL = List.of(
      //         key                   descriptor  mounted     rights
      new Kind<>(KeyTable.INHERIT,    Way.ALWAYS, Way.NEVER,  RightsRule.ofOpen("an inherited descriptor"), (c, from)  -> new Inherit(c.name, from, c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.NULL,       Way.ALWAYS, Way.NEVER,  RightsRule.ofNull("the null device"),               (c, yes)   -> new Null(c.name, c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.FILE,       Way.EITHER, Way.EITHER, RightsRule.ofFile("a file"),                        (c, path)  -> new FileCapability(c.name, path.path(), path.under(), c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.TREE,       Way.EITHER, Way.EITHER, RightsRule.ofTree("a directory", false),            (c, path)  -> new DirectoryCapability(c.name, path.path(), path.under(), c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.TMPFS,      Way.NEVER,  Way.ALWAYS, RightsRule.ofTree("a tmpfs", true),                 (c, bytes) -> new Tmpfs(c.name, bytes, c.rights, c.fd, c.mount, c.position)),
      PASSED,
      new Kind<>(KeyTable.PIPE,       Way.ALWAYS, Way.NEVER,  RightsRule.ofPipe("a pipe"),                        (c, yes)   -> new Pipe(c.name, c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.PROCESS,    Way.ALWAYS, Way.NEVER,  RightsRule.ofProcess("a process"),                  (c, passed) -> new ProcessCapability(c.name, passed.whole().orElseThrow(), c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.SHARED,     Way.ALWAYS, Way.NEVER,  RightsRule.ofMemory("shared memory"),              (c, bytes) -> new Memory(c.name, bytes, c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.LISTEN,     Way.ALWAYS, Way.NEVER,  RightsRule.ofListener("a listening socket"),        (c, name)  -> new Listen(c.name, name, c.find(KeyTable.BACKLOG).orElse(BACKLOG), c.find(KeyTable.REUSE).orElse(false), c.rights, c.fd, c.mount, c.position)),
      new Kind<>(KeyTable.CONNECT,    Way.ALWAYS, Way.NEVER,  RightsRule.ofConnection("a connected socket", BOTH), (c, peer) -> new Connect(c.name, peer, c.rights, c.fd, c.mount, c.position)));
  // formatter:on

  /**
   * An option that a kind has.
   *
   * @param of the key of the kind
   */
  record Option(Key<?> key, Key<?> of) {}

  /** The options that some kinds have. */
  static final List<Option> OPTIONS =
      List.of(new Option(KeyTable.BACKLOG, KeyTable.LISTEN), new Option(KeyTable.REUSE, KeyTable.LISTEN));

  private static final RightsRule DATAGRAMS = RightsRule.ofConnection("a datagram socket", READ);

  /** What the rights of the capability with a name can be, as what is written for it wants it. */
  RightsRule rights(Values values, String name) {
    if (values.find(KeyTable.MOUNT, name).isPresent()) {
      return rights.atPath();
    }
    return values.find(KeyTable.LISTEN, name).filter(SocketAddress::isDatagram).isPresent() ? DATAGRAMS : rights;
  }

  /** The word of its key. */
  String word() {
    return key.word();
  }

  /** What one such capability is called in a sentence. */
  String noun() {
    return rights.noun();
  }

  /** Makes the capability that is written under the name of the common part. */
  Capability make(Common common, Values values) {
    return maker.make(common, values.find(key, common.name).orElseThrow());
  }
}
