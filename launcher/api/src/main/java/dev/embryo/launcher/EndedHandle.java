package dev.embryo.launcher;

import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The process handle of a program that had ended before anybody asked for one: the JDK makes handles of pids, and this pid
 * may be another's by now. It says what the JDK's says of a process that is not alive. Immutable and thread-safe.
 */
final class EndedHandle implements ProcessHandle {
  private static final ProcessHandle.Info NOTHING_KNOWN = new NothingKnown();

  private final SandboxedProcess process;

  EndedHandle(SandboxedProcess process) {
    this.process = process;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public Optional<ProcessHandle> parent() {
    return Optional.empty();
  }

  @Override
  public Stream<ProcessHandle> children() {
    return Stream.empty();
  }

  @Override
  public Stream<ProcessHandle> descendants() {
    return Stream.empty();
  }

  @Override
  public Info info() {
    return NOTHING_KNOWN;
  }

  @Override
  public CompletableFuture<ProcessHandle> onExit() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  @Override
  public boolean destroy() {
    return false;
  }

  @Override
  public boolean destroyForcibly() {
    return false;
  }

  @Override
  public boolean isAlive() {
    return false;
  }

  /** By pid, among handles of this kind; as the JDK's, it is not comparable with handles of another. */
  @Override
  public int compareTo(ProcessHandle other) {
    return Comparator.comparingLong(ProcessHandle::pid).compare(this, (EndedHandle) other);
  }

  /** Equal to the handles of the same process object. */
  @Override
  public boolean equals(Object other) {
    return other instanceof EndedHandle that && that.process == process;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(pid());
  }

  @Override
  public String toString() {
    return Objects.toString(pid());
  }

  private record NothingKnown() implements Info {
    @Override
    public Optional<String> command() {
      return Optional.empty();
    }

    @Override
    public Optional<String> commandLine() {
      return Optional.empty();
    }

    @Override
    public Optional<String[]> arguments() {
      return Optional.empty();
    }

    @Override
    public Optional<java.time.Instant> startInstant() {
      return Optional.empty();
    }

    @Override
    public Optional<java.time.Duration> totalCpuDuration() {
      return Optional.empty();
    }

    @Override
    public Optional<String> user() {
      return Optional.empty();
    }
  }
}
