package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the three standard streams of a launch are.
 *
 * @param stdin descriptor 0, as the others
 * @param errorsJoinOutput whether a capability that inherits descriptor 2 gets what one that inherits 1 does
 */
record StandardStreams(Stdio stdin, Stdio stdout, Stdio stderr, boolean errorsJoinOutput) {
  static final int COUNT = 3;

  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  /** The same for all three. */
  static StandardStreams all(Stdio stdio) {
    return new StandardStreams(stdio, stdio, stdio, false);
  }

  StandardStreams withStdin(Stdio stdio) {
    return new StandardStreams(stdio, stdout, stderr, errorsJoinOutput);
  }

  StandardStreams withStdout(Stdio stdio) {
    return new StandardStreams(stdin, stdio, stderr, errorsJoinOutput);
  }

  StandardStreams withStderr(Stdio stdio) {
    return new StandardStreams(stdin, stdout, stdio, errorsJoinOutput);
  }

  StandardStreams withErrorsJoiningOutput(boolean join) {
    return new StandardStreams(stdin, stdout, stderr, join);
  }

  Stdio of(int stream) {
    return stream == 0 ? stdin : stream == STDOUT ? stdout : stderr;
  }

  /** The stream that a capability gets which inherits this one. */
  int standingFor(int stream) {
    return stream == STDERR && errorsJoinOutput ? STDOUT : stream;
  }

  /**
   * Refuses what would be lost: bytes for, or a file from, a stream that the policy does not give to the program.
   *
   * @throws IllegalArgumentException naming the stream
   */
  void requireWantedBy(Policy policy, List<DescriptorSlot> slots) {
    IntStream.range(0, COUNT).filter(stream -> of(stream).carriesData() && !isInherited(stream, slots)).findFirst()
        .ifPresent(stream -> {
          var name = Policy.STANDARD_STREAMS.get(stream);
          throw new IllegalArgumentException(name + " is to be " + of(stream) + ", and the policy '" + policy.name()
              + "' does not give it to the program; it would say '" + name + ": {inherit: " + stream + ", rights: "
              + direction(stream) + "}' in its capabilities");
        });
  }

  private boolean isInherited(int stream, List<DescriptorSlot> slots) {
    return slots.stream().anyMatch(slot -> slot.source() instanceof DescriptorSlot.Launcher launcher
        && launcher.number() < COUNT && standingFor(launcher.number()) == stream);
  }

  private static Right direction(int stream) {
    return stream == 0 ? Right.READ : Right.WRITE;
  }

  /** What is opened for a stream goes in its direction only, which the policy has to allow. */
  static void requireDirection(int stream, DescriptorSlot slot) throws IOException {
    if (!slot.rights().has(direction(stream))) {
      throw new IOException("capability '" + slot.capability() + "': " + Policy.STANDARD_STREAMS.get(stream)
          + " is for the program to " + direction(stream) + " in this launch, and the policy says " + slot.rights());
    }
  }
}
