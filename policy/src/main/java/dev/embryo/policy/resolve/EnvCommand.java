package dev.embryo.policy.resolve;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What {@code #!/usr/bin/env NAME} asks for: the program that env(1) would look for in {@code PATH}, and the arguments
 * that it would put before the script's path. Of its options {@code -S} is known, with plain words.
 *
 * @param name the program's name, or its path when there is a slash in it
 * @param arguments further arguments, of {@code -S}
 */
record EnvCommand(String name, List<String> arguments) {
  private static final Set<String> PATHS = Set.of("/usr/bin/env", "/bin/env");
  private static final String SPLIT = "-S";
  /** What env(1) gives a meaning to behind -S. */
  private static final String SPECIAL = "\\\"'$#";

  /** Whether a script is for env(1). */
  static boolean isFor(Shebang line) {
    return PATHS.contains(line.interpreter());
  }

  /**
   * Reads what env(1) would be given.
   *
   * @param file the script's name, for errors
   */
  static EnvCommand of(Shebang line, String file) throws ProgramException {
    String argument = line.argument().orElseThrow(
        () -> new ProgramException(file + ": its interpreter " + line.interpreter() + " is given no program to run"));
    if (!argument.startsWith("-")) {
      return plain(List.of(argument), file);
    }
    String words = argument.substring(SPLIT.length());
    if (!argument.startsWith(SPLIT) || words.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      throw notUnderstood(file, argument);
    }
    return plain(Arrays.stream(words.split("[ \t]+", -1)).filter(word -> !word.isEmpty()).toList(), file);
  }

  private static EnvCommand plain(List<String> words, String file) throws ProgramException {
    if (words.isEmpty() || words.get(0).startsWith("-") || words.get(0).contains("=")) {
      throw notUnderstood(file, String.join(" ", words));
    }
    if (words.size() == 1 && words.get(0).contains(" ")) {
      throw new ProgramException(file + ": env would look for a program called '" + words.get(0)
          + "', for the kernel passes all of the line as one argument; write env -S");
    }
    return new EnvCommand(words.get(0), words.subList(1, words.size()));
  }

  private static ProgramException notUnderstood(String file, String argument) {
    return new ProgramException(file + ": what its first line (#!) tells env, '" + argument
        + "', is more than a program's name, or -S and plain words; name the interpreter instead");
  }
}
