package dev.embryo.policy.compile;

import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.resolve.ResolvedFile;
import dev.embryo.runtime.birth.RootEntry;
import java.util.Arrays;

/**
 * One row of a program's descriptor table: a number, and what a launch has to put there.
 *
 * @param number the number at which the program finds it
 * @param capability the name of the capability
 * @param source where the launch takes it from
 * @param rights what the program may do with it; the open mode of what is handed over grants no more
 */
public record DescriptorSlot(int number, String capability, Source source, Rights rights) {
  /** Where a descriptor comes from. */
  public sealed interface Source {}

  /** A descriptor of the launcher. */
  public record Launcher(int number) implements Source {}

  /** The null device. */
  public record NullDevice() implements Source {}

  /** A file of the host, opened at launch. */
  public record HostFile(ResolvedFile file) implements Source {}

  /** A new pipe to whoever launches. */
  public record NewPipe() implements Source {}

  /** A new file in memory. */
  public record SharedMemory(long bytes) implements Source {}

  /** A directory of the host, which the embryo opens itself; the mount's path is that of the host. */
  public record HostTree(RootEntry.Mount tree) implements Source {}

  /** A descriptor that whoever launches passes under the name of this parameter. */
  public record Supplied(String parameter) implements Source {}

  /**
   * A socket to the launcher, which does to a process what it is asked to over that, and tells of its end.
   *
   * @param parameter under which whoever launches passes the process
   * @param rights what may be asked
   */
  public record Relayed(String parameter, Rights rights) implements Source {}

  /** A socket with a name, made at launch. */
  public record Listener(SocketAddress address, int backlog, boolean reuse) implements Source {}

  /** A socket with a peer, made at launch. */
  public record Connection(SocketAddress address) implements Source {}

  /** Whether a launch supplies it; what it does not the embryo opens itself. */
  public boolean isSupplied() {
    return !(source instanceof HostTree);
  }

  /** Bytes that are known beforehand, in a file in memory that is made at launch and that nobody can change. */
  public static final class Content implements Source {
    private final byte[] bytes;

    Content(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    /** The bytes. */
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Content content && Arrays.equals(bytes, content.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return bytes.length + " bytes";
    }
  }

  /**
   * The name under which a launch supplies it to the birth program: never that of something which a birth needs itself, such as
   * {@code peer}, whatever the capability is called.
   */
  public String supply() {
    return "capability " + capability;
  }
}
