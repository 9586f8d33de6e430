package dev.embryo.samples.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A policy, as the generator wrote it.
 *
 * @param ownRoot whether the program has a root of its own, and is not kept to its grants by Landlock alone
 * @param proc whether it sees a {@code /proc}
 */
record Grants(List<Grant> all, boolean ownRoot, boolean proc) {
  /** @param user whom the program is, or nobody in particular */
  String text(Path program, Optional<Integer> user) {
    return Stream.of(
        Stream.of("policy: embryo/v1", "name: model", "program: {path: \"" + program + "\"}", "capabilities:",
            "  stdin: {inherit: 0, rights: read}", "  stdout: {inherit: 1, rights: write}"),
        all.stream().map(grant -> "  " + grant.text()),
        Stream.of("isolation: {require: [landlock, seccomp]}").filter(line -> !ownRoot),
        Stream.of("filesystem: {proc: own}").filter(line -> proc),
        user.stream().map("identity: {user: %d, group: %1$d}"::formatted))
        .flatMap(lines -> lines).collect(Collectors.joining("\n", "", "\n"));
  }

  boolean any(Predicate<Grant> predicate) {
    return all.stream().anyMatch(predicate);
  }

  List<Grant> trees() {
    return all.stream().filter(Grant::isTree).toList();
  }

  /** Whether no call changes a mode, an owner or a time. */
  boolean withoutMetadata() {
    return !ownRoot || isMetadataTaken();
  }

  /** Whether what could be changed otherwise lacks the right. */
  boolean isMetadataTaken() {
    return any(grant -> !grant.has("metadata") && (grant.isTree() ? !grant.isReadOnly() : proc && grant.isExact()));
  }

  /** Whether no call makes a hard link. */
  boolean withoutLinks() {
    return any(grant -> grant.isTree() && grant.has("create") && !grant.has("link"));
  }
}
