package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import dev.embryo.policy.parse.TreeReader.Dialect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads a configuration of CloudABI's {@code cloudabi-run} as a policy: its whole tree is the structured arguments, what its tags
 * name are the capabilities, and the profile is {@code pure}. So nothing behind knows of such configurations, and what is wrong in
 * one has its place.
 *
 * <p>The reader touches no file and keeps no state; it is safe for use by many threads.
 */
public final class CloudabiReader {

  private static final int LONGEST_NAME = 128;

  private CloudabiReader() {}

  /**
   * Reads a configuration.
   *
   * @param fileName what to call it in errors
   * @param baseDirectory the directory at which its relative paths start, and that of the program: absolute
   * @param bytes the text in UTF-8, at most 1 MiB
   * @param program the program to be run with it
   * @param isDirectory tells of an absolute path whether it is a directory: a configuration writes directories as it writes
   *     files. An answer that does not hold is an error later, and never another grant
   * @return a policy without parameters
   * @throws PolicyException if it is no such configuration, with every error that was found and its place
   * @throws IllegalArgumentException if the base directory is not absolute
   */
  public static PolicyTemplate read(
      String fileName, Path baseDirectory, byte[] bytes, Path program, Predicate<Path> isDirectory) throws PolicyException {
    Problems problems = new Problems();
    Tree configuration = TreeReader.read(Dialect.CLOUDABI, SourceText.decode(fileName, bytes), problems);
    CloudabiTags tags = new CloudabiTags(baseDirectory, isDirectory, problems);
    Tree arguments = tags.translated(configuration, KeyTable.ARGUMENT_TREE.path());
    Tree policy = policy(program, tags.inherited(), arguments);
    byte[] all = policy.toString().getBytes(StandardCharsets.UTF_8); // the program and the kinds of its files, too
    return PolicyParser.template(fileName, baseDirectory, all, policy, problems);
  }

  private static Keys policy(Path program, List<Entry> inherited, Tree arguments) {
    Position start = arguments.position();
    List<Entry> entries = new ArrayList<>();
    entries.add(entry(start, KeyTable.POLICY.path(), "embryo/v1"));
    entries.add(entry(start, KeyTable.NAME.path(), name(program)));
    entries.add(entry(start, KeyTable.PROFILE.path(), "pure"));
    entries.add(new Entry(Lifting.plain(start, "program"), new Keys(start, List.of(
        entry(start, KeyTable.PATH.word(), CloudabiTags.escaped(program.toString()))))));
    entries.add(new Entry(Lifting.plain(start, "capabilities"), new Keys(start, inherited)));
    entries.add(new Entry(Lifting.plain(start, KeyTable.ARGUMENT_TREE.path()), arguments.isNothing()
        ? new Tagged(start, Tags.NULL.text(), arguments) : arguments)); // without a tag it would be a key without a value
    return new Keys(start, entries);
  }

  /** A key that stands nowhere in the text. */
  static Entry entry(Position position, String word, String value) {
    return new Entry(Lifting.plain(position, word), Lifting.plain(position, value));
  }

  private static String name(Path program) {
    Path file = Optional.ofNullable(program.getFileName()).orElse(program);
    String name = file.toString().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "-").replaceAll("^[^a-z0-9]+", "");
    return name.isEmpty() ? "cloudabi" : name.substring(0, Math.min(name.length(), LONGEST_NAME));
  }
}
