package dev.embryo.policy.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Spells out the strings in which an ELF file says where libraries are: lists of directories, with {@code $ORIGIN},
 * {@code $LIB} and {@code $PLATFORM} in them (ld.so(8), "Dynamic string tokens").
 */
final class SearchPath {
  private SearchPath() {}

  /**
   * The directories of a list separated by colons.
   *
   * <p>Relative and empty elements mean the working directory at the time of the start; what is found there is
   * authority that no one wrote down, so they are left out.
   *
   * @param separators the characters that separate elements
   */
  static List<String> directories(String list, String separators, String origin, LoaderLayout layout) {
    List<String> directories = new ArrayList<>();
    for (String element : list.split("[" + separators + "]", -1)) {
      String directory = expand(element, origin, layout);
      if (directory.startsWith("/")) {
        directories.add(directory);
      }
    }
    return directories;
  }

  /** Replaces the tokens; as in the loader, what is no token stays as it is, and no boundary is asked for behind one. */
  static String expand(String text, String origin, LoaderLayout layout) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    Map<String, String> tokens = Map.of("ORIGIN", origin, "LIB", layout.lib(), "PLATFORM", layout.platform());
    StringBuilder expanded = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int length = 0;
      for (Map.Entry<String, String> token : tokens.entrySet()) {
        length = tokenLength(text, at, token.getKey());
        if (length > 0) {
          expanded.append(token.getValue());
          break;
        }
      }
      if (length == 0) {
        expanded.append(text.charAt(at));
        length = 1;
      }
      at += length;
    }
    return expanded.toString();
  }

  /** Whether a list or name uses {@code $ORIGIN}. */
  static boolean usesOrigin(String text) {
    return text.contains("$ORIGIN") || text.contains("${ORIGIN}");
  }

  private static int tokenLength(String text, int at, String name) {
    for (String form : List.of("$" + name, "${" + name + "}")) {
      if (text.startsWith(form, at)) {
        return form.length();
      }
    }
    return 0;
  }
}
