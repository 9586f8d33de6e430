package dev.embryo.samples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of a policy under which the probe runs: its output, and what a test grants on top. Immutable.
 *
 * @param program the probe, or a copy of it
 * @param directory where it starts
 * @param capabilities lines of the section {@code capabilities}
 * @param sections other sections, a line each
 */
record ProbePolicy(Path program, String directory, List<String> capabilities, List<String> sections) {
  /** Nothing but somewhere to print. */
  static final ProbePolicy LEAST =
      new ProbePolicy(
          Probe.PROGRAM,
          "/",
          List.of("stdout: {inherit: 1, rights: write}", "stderr: {inherit: 2, rights: write}"),
          List.of());

  /** It may fork, too: without that, a refusal to clone with some flag would prove nothing about the flag. */
  static final ProbePolicy SPAWNING = LEAST.section("processes: {threads: true, spawn: true}");

  ProbePolicy program(Path other) {
    return new ProbePolicy(other, directory, capabilities, sections);
  }

  ProbePolicy startingIn(String other) {
    return new ProbePolicy(program, other, capabilities, sections);
  }

  ProbePolicy capability(String line) {
    return new ProbePolicy(program, directory, and(capabilities, line), sections);
  }

  ProbePolicy directory(Path host, String rights, String mount) {
    return capability("%s: {directory: %s, rights: %s, mount: %s}"
        .formatted(mount.substring(1), quoted(host.toString()), rights, mount));
  }

  ProbePolicy section(String line) {
    return new ProbePolicy(program, directory, capabilities, and(sections, line));
  }

  /** The policy under which the probe performs an act. */
  String text(List<String> act) {
    return Stream.of(
            Stream.of("policy: embryo/v1", "name: attack"),
            Stream.of("program: {path: %s, directory: %s, arguments: [%s]}".formatted(
                quoted(program.toString()), directory, act.stream().map(ProbePolicy::quoted).collect(Collectors.joining(", ")))),
            Stream.of("capabilities:"),
            capabilities.stream().map("  "::concat),
            sections.stream())
        .flatMap(lines -> lines)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> and(List<String> lines, String line) {
    var all = new ArrayList<>(lines);
    all.add(line);
    return List.copyOf(all);
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
