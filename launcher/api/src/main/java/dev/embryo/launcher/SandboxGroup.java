package dev.embryo.launcher;

import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Several sandboxes whose programs are joined by pipes and socket pairs, and are launched together.
 *
 * <p>A program is joined where its policy leaves a descriptor to the launch: at a parameter of kind {@code descriptor}, or at a
 * standard stream that it inherits, called {@code stdin}, {@code stdout} or {@code stderr}. It gets its end with the rights that its own policy
 * gives it there, and nothing else of the others. This JVM keeps no end: when one program closes its own or ends, the other sees the end.
 *
 * <p>Immutable and thread-safe. Each launch makes new pipes and socket pairs.
 */
public final class SandboxGroup {
  /** Makes two ends that belong together. */
  private interface Making {
    FdPair make() throws LinuxException;
  }

  /** Where a program is joined to another. */
  private record End(String sandbox, String descriptor) {
    @Override
    public String toString() {
      return sandbox + "." + descriptor;
    }
  }

  /** What is between two programs. */
  private record Joint(End first, End second, Making making) {}

  private final Map<String, Sandbox> sandboxes; // in the order in which they are started
  private final List<Joint> joints;
  private final Map<End, String> held; // by who holds it where: whose process

  private SandboxGroup(Map<String, Sandbox> sandboxes, List<Joint> joints, Map<End, String> held) {
    this.sandboxes = sandboxes;
    this.joints = joints;
    this.held = held;
  }

  /** Begins a group. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts all programs, in the order in which they were named, but one that holds another's process after that; and returns when
   * they run. If one cannot be started, those that were are killed.
   *
   * @throws IOException as for {@link Sandbox#launch}
   */
  public SandboxedGroup launch() throws IOException {
    var pairs = new ArrayList<FdPair>();
    var processes = new LinkedHashMap<String, SandboxedProcess>();
    try {
      var ends = new LinkedHashMap<String, Map<String, Stdio>>();
      for (Joint joint : joints) {
        var pair = joint.making.make();
        pairs.add(pair);
        put(ends, joint.first, Stdio.descriptor(pair.first()));
        put(ends, joint.second, Stdio.descriptor(pair.second()));
      }
      for (var each : sandboxes.entrySet()) {
        held.forEach((end, other) -> {
          if (end.sandbox.equals(each.getKey())) {
            put(ends, end, Stdio.process(Objects.requireNonNull(processes.get(other))));
          }
        });
        processes.put(each.getKey(), each.getValue().launch(ends.getOrDefault(each.getKey(), Map.of())));
      }
      return new SandboxedGroup(processes);
    } catch (IOException | RuntimeException failure) {
      closeAfter(failure, new SandboxedGroup(processes));
      throw failure;
    } finally {
      pairs.forEach(FdPair::close);
    }
  }

  private static void closeAfter(Exception failure, SandboxedGroup started) {
    try {
      started.close();
    } catch (IOException another) {
      failure.addSuppressed(another);
    }
  }

  private static void put(Map<String, Map<String, Stdio>> ends, End end, Stdio stdio) {
    ends.computeIfAbsent(end.sandbox, none -> new LinkedHashMap<>()).put(end.descriptor, stdio);
  }

  /** Collects what a group is made of. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Sandbox.Builder> members = new LinkedHashMap<>();
    private final List<Joint> joints = new ArrayList<>();
    private final Set<End> taken = new HashSet<>();
    private final Map<End, String> held = new LinkedHashMap<>();

    private Builder() {}

    /**
     * A sandbox of the group.
     *
     * @param name what it is called here
     * @param sandbox with everything but what joins it to others; it is the group's from now on
     * @throws IllegalArgumentException if another is called so
     */
    public Builder sandbox(String name, Sandbox.Builder sandbox) {
      if (members.putIfAbsent(name, sandbox) != null) {
        throw new IllegalArgumentException("two sandboxes are called '" + name + "'");
      }
      return this;
    }

    /**
     * A pipe from one program to another.
     *
     * @param from the sandbox that writes
     * @param output its parameter, or {@code stdout} or {@code stderr}
     * @param to the sandbox that reads
     * @param input its parameter, or {@code stdin}
     * @throws IllegalArgumentException if there is no such sandbox, or it is joined there already
     */
    public Builder pipe(String from, String output, String to, String input) {
      join(new Joint(new End(to, input), new End(from, output), FdPair::pipe), Stdio.JOINED_INPUT, Stdio.JOINED_OUTPUT);
      return this;
    }

    /**
     * A pair of Unix sockets between two programs, for streams of bytes in both directions.
     *
     * <p>Over it they can pass descriptors to each other, each what it holds, if both policies give {@code [read, write]} alone there. With
     * an exact set of rights they cannot (see docs/rights.md).
     *
     * @param descriptor the parameter of the one
     * @param otherDescriptor the parameter of the other
     * @throws IllegalArgumentException if there is no such sandbox, or it is joined there already
     */
    public Builder sockets(String sandbox, String descriptor, String other, String otherDescriptor) {
      join(new Joint(new End(sandbox, descriptor), new End(other, otherDescriptor), FdPair::stream),
          Stdio.JOINED, Stdio.JOINED);
      return this;
    }

    /**
     * Gives a program the process of another sandbox, to do with it what its policy says.
     *
     * @param holder the sandbox that holds it
     * @param parameter its parameter, of kind {@code process}
     * @param other whose process it is
     * @throws IllegalArgumentException if there is no such sandbox, the parameter is joined already, or each would have to be started
     *     before the other
     */
    public Builder process(String holder, String parameter, String other) {
      var end = new End(holder, parameter);
      requireFree(end);
      requireMember(other);
      if (waitsFor(other, holder)) {
        throw new IllegalArgumentException("'" + holder + "' cannot hold '" + other + "': one of both would have to be started before"
            + " the other, and each holds the other's process");
      }
      take(end, Stdio.OF_GROUP);
      held.put(end, other);
      return this;
    }

    /** Whether one has to be started after another, whose process it holds, or that of another which does. */
    private boolean waitsFor(String one, String another) {
      return one.equals(another) || held.entrySet().stream()
          .anyMatch(each -> each.getKey().sandbox.equals(one) && waitsFor(each.getValue(), another));
    }

    /** Each behind those whose processes it holds. */
    private List<String> order() {
      var order = new LinkedHashSet<String>();
      members.keySet().forEach(name -> addAfterHeld(name, order));
      return List.copyOf(order);
    }

    private void addAfterHeld(String name, Set<String> order) {
      held.forEach((end, other) -> {
        if (end.sandbox.equals(name)) {
          addAfterHeld(other, order);
        }
      });
      order.add(name);
    }

    private Sandbox.Builder requireMember(String name) {
      var member = members.get(name);
      if (member == null) {
        throw new IllegalArgumentException("no sandbox of the group is called '" + name + "'");
      }
      return member;
    }

    private void join(Joint joint, Stdio first, Stdio second) {
      requireFree(joint.first);
      requireFree(joint.second);
      if (joint.first.equals(joint.second)) {
        throw new IllegalArgumentException("'" + joint.first + "' cannot be joined to itself");
      }
      take(joint.first, first);
      take(joint.second, second);
      joints.add(joint);
    }

    private void requireFree(End end) {
      requireMember(end.sandbox);
      if (taken.contains(end)) {
        throw new IllegalArgumentException("'" + end + "' is joined already");
      }
    }

    private void take(End end, Stdio stdio) {
      taken.add(end);
      requireMember(end.sandbox).provide(end.descriptor, stdio);
    }

    /**
     * Resolves and compiles each policy for this host.
     *
     * @throws IllegalArgumentException if a program is joined where its policy does not say so, or not in that direction
     * @throws IOException as for {@link Sandbox.Builder#build}
     */
    public SandboxGroup build() throws IOException {
      var sandboxes = new LinkedHashMap<String, Sandbox>();
      for (String name : order()) {
        sandboxes.put(name, requireMember(name).build());
      }
      return new SandboxGroup(Collections.unmodifiableMap(sandboxes), List.copyOf(joints), Map.copyOf(held));
    }
  }
}
