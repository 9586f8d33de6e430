package dev.embryo.policy.parse;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/**
 * Something that a text must not be.
 *
 * @param broken whether a text is that
 * @param refusal what to say then
 */
record TextRule(Predicate<String> broken, String refusal) {

  /** PATH_MAX, without the NUL that ends a path. */
  private static final int LONGEST_PATH = 4095;

  /** NAME_MAX. */
  private static final int LONGEST_NAME = 255;

  /** Where nothing may vary. */
  static final TextRule NO_PARAMETERS =
      new TextRule(t -> t.contains("${"), "a parameter ('${name}') cannot stand here");

  /** What a path must not be, on the host or inside. */
  static final List<TextRule> PATH = List.of(
      new TextRule(String::isEmpty, "a path cannot be empty"),
      new TextRule(t -> t.chars().anyMatch(Character::isISOControl), "a path cannot hold control characters"),
      new TextRule(t -> t.startsWith("~"), "'~' is not expanded; write the whole path"),
      new TextRule(t -> bytes(t) > LONGEST_PATH, "a path has at most " + LONGEST_PATH + " bytes"),
      new TextRule(
          t -> List.of(t.split("/")).stream().anyMatch(name -> bytes(name) > LONGEST_NAME),
          "a name in a path has at most " + LONGEST_NAME + " bytes"));

  /** What a path inside must not be as well. */
  static final List<TextRule> VIEW_PATH = List.of(
      NO_PARAMETERS,
      new TextRule(t -> !t.startsWith("/"), "must be absolute: a path in the program's view, beginning with '/'"),
      new TextRule(t -> names(t).contains(".."), "must not hold '..'"),
      new TextRule(
          t -> !t.equals("/") && (names(t).contains(".") || names(t).contains("")),
          "must be written without '.', '//' and a '/' at the end"));

  /** What the place of a mount must not be as well. */
  static final List<TextRule> MOUNT = List.of(
      new TextRule(t -> t.equals("/"), "nothing can be mounted on '/' itself"),
      new TextRule(t -> within(t, "/proc"), "nothing can be mounted in /proc"),
      new TextRule(t -> within(t, "/sys"), "nothing can be mounted in /sys"));

  /** Whether the path is the directory or lies beneath it. Both are absolute and normalised. */
  static boolean within(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }

  /** The names between the slashes of an absolute path. */
  private static List<String> names(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
