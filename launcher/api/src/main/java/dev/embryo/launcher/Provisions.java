package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Inherit;
import dev.embryo.runtime.fd.Tty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a launch provides where its policy leaves that to the launch: the standard streams that the program inherits, and the
 * descriptors that are parameters. Immutable.
 *
 * @param streams what the standard streams are, by number
 * @param errorsJoinOutput whether a capability that inherits descriptor 2 gets what one that inherits 1 does
 * @param descriptors what the parameters are, by name
 */
record Provisions(List<Stdio> streams, boolean errorsJoinOutput, Map<String, Stdio> descriptors) {
  static final int STDIN = 0;
  static final int STDOUT = 1;
  static final int STDERR = 2;

  /** As of ProcessBuilder: pipes. */
  static final Provisions PIPES =
      new Provisions(List.of(Stdio.PIPE, Stdio.PIPE, Stdio.PIPE), false, Map.of());

  static String name(int stream) {
    return Policy.STANDARD_STREAMS.get(stream);
  }

  static boolean isStream(int number) {
    return number <= STDERR;
  }

  /** @throws IllegalArgumentException if the stream goes in the other direction */
  Provisions with(int stream, Stdio stdio) {
    stdio.requireFit(Place.ofStream(stream));
    Stdio[] changed = streams.toArray(Stdio[]::new);
    changed[stream] = stdio;
    return new Provisions(List.of(changed), errorsJoinOutput, descriptors);
  }

  Provisions withErrorsJoiningOutput(boolean join) {
    return new Provisions(streams, join, descriptors);
  }

  Provisions with(String parameter, Stdio stdio) {
    var changed = new LinkedHashMap<>(descriptors);
    changed.put(parameter, stdio);
    return new Provisions(streams, errorsJoinOutput, Map.copyOf(changed));
  }

  /** A standard stream by its name, or else a parameter. */
  Provisions withNamed(String name, Stdio stdio) {
    int stream = Policy.STANDARD_STREAMS.indexOf(name);
    return stream < 0 ? with(name, stdio) : with(stream, stdio);
  }

  /** For a program to which nobody talks while it runs: nothing comes in, and what comes out is collected. */
  Provisions withoutPipes(int limit) {
    Stdio[] changed = streams.toArray(Stdio[]::new);
    for (int stream = STDIN; stream <= STDERR; stream++) {
      if (changed[stream] == Stdio.PIPE) {
        changed[stream] = stream == STDIN ? Stdio.NULL : Stdio.collect(limit);
      }
    }
    return new Provisions(List.of(changed), errorsJoinOutput, descriptors);
  }

  /**
   * The streams that are the JVM's own and its terminal: the first that is one, and others that are the same. No native code
   * is loaded for what has not the name of a terminal.
   */
  Set<Integer> terminals() throws IOException {
    var found = new HashSet<Integer>();
    for (int stream = STDIN; stream <= STDERR; stream++) {
      if (streams.get(standingFor(stream)) == Stdio.INHERIT && standingFor(stream) == stream && mayBeTerminal(stream)
          && Tty.isTerminal(stream)
          && (found.isEmpty() || Tty.device(found.iterator().next()) == Tty.device(stream))) {
        found.add(stream);
      }
    }
    return Set.copyOf(found);
  }

  private static boolean mayBeTerminal(int stream) {
    try {
      var name = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(stream))).toString();
      return name.startsWith("/dev/") && !name.equals("/dev/null");
    } catch (IOException unknown) {
      return true;
    }
  }

  /** Those of these streams that a policy inherits. */
  static Set<Integer> inherited(Set<Integer> streams, Policy policy) {
    var inherited = new HashSet<Integer>();
    policy.descriptors().values().forEach(capability -> {
      if (capability instanceof Inherit inherit && streams.contains(inherit.from())) {
        inherited.add(inherit.from());
      }
    });
    return Set.copyOf(inherited);
  }

  /** The stream that a capability gets which inherits this one. */
  int standingFor(int stream) {
    return stream == STDERR && errorsJoinOutput ? STDOUT : stream;
  }

  /**
   * Refuses what would be lost, such as bytes for a stream that the policy does not give to the program, and what is missing.
   *
   * @throws IllegalArgumentException naming the stream or parameter
   */
  void requireFit(CompiledPolicy compiled) {
    var wanted = new HashSet<String>();
    for (DescriptorSlot slot : compiled.descriptors()) {
      if (slot.source() instanceof DescriptorSlot.Supplied supplied) {
        wanted.add(supplied.parameter());
        descriptor(slot, supplied.parameter()).requireFit(Place.ofParameter(supplied.parameter(), slot.rights()));
      } else if (slot.source() instanceof DescriptorSlot.Relayed relayed) {
        wanted.add(relayed.parameter());
        descriptor(slot, relayed.parameter()).requireProcess(relayed.parameter());
      } else if (slot.source() instanceof DescriptorSlot.Launcher launcher && isStream(launcher.number())) {
        wanted.add(name(standingFor(launcher.number())));
      }
    }
    String policy = compiled.policy().name();
    for (int stream = STDIN; stream <= STDERR; stream++) {
      if (streams.get(stream).carriesData() && !wanted.contains(name(stream))) {
        throw new IllegalArgumentException(name(stream) + " is to be " + streams.get(stream) + ", and the policy '" + policy
            + "' does not give it to the program; it would say '" + name(stream) + ": {inherit: " + stream + ", rights: "
            + direction(stream) + "}' in its capabilities");
      }
    }
    for (String given : descriptors.keySet()) {
      if (!wanted.contains(given)) {
        throw new IllegalArgumentException("the policy '" + policy + "' has no parameter '" + given
            + "' that is a descriptor or a process");
      }
    }
  }

  /** @throws IllegalArgumentException if there is none */
  Stdio descriptor(DescriptorSlot slot, String parameter) {
    var stdio = descriptors.get(parameter);
    if (stdio == null) {
      String what = slot.source() instanceof DescriptorSlot.Relayed ? "process" : "descriptor";
      throw new IllegalArgumentException("capability '" + slot.capability() + "': this launch passes no " + what + " '"
          + parameter + "'");
    }
    return stdio;
  }

  private static Right direction(int stream) {
    return stream == STDIN ? Right.READ : Right.WRITE;
  }

  /** What is opened for a stream goes in its direction only, which the policy has to allow. */
  static void requireDirection(int stream, DescriptorSlot slot) throws IOException {
    if (stream == STDIN ? !slot.rights().reads() : !slot.rights().writes()) {
      throw new IOException("capability '" + slot.capability() + "': " + name(stream)
          + " is for the program to " + direction(stream) + " in this launch, and the policy says " + slot.rights());
    }
  }
}
