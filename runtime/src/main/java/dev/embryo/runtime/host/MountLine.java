package dev.embryo.runtime.host;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code /proc/self/mountinfo}; see proc_pid_mountinfo(5).
 *
 * @param id the number of the mount
 * @param device major and minor number of the file system, as in {@code 8:1}
 * @param root the directory of the file system that is mounted
 * @param point where it is mounted
 * @param options those of the mount, such as {@code noexec}
 * @param type the type of the file system
 */
public record MountLine(long id, String device, String root, String point, List<String> options, String type) {
  private static final int FIELDS = 6; // and then optional ones, up to the separator
  private static final String SEPARATOR = "-";
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  /** Keeps a copy of the list. */
  public MountLine {
    options = List.copyOf(options);
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static MountLine parse(String line) {
    var fields = Arrays.asList(line.split(" ", -1));
    int separator = fields.subList(Math.min(FIELDS, fields.size()), fields.size()).indexOf(SEPARATOR) + FIELDS;
    if (separator < FIELDS || fields.size() < separator + 2) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountLine(Long.parseLong(fields.get(0)), fields.get(2), unescaped(fields.get(3)), unescaped(fields.get(4)),
        Arrays.asList(fields.get(5).split(",", -1)), fields.get(separator + 1));
  }

  /** Blanks, backslashes and the like are written as octal numbers. */
  private static String unescaped(String field) {
    return OCTAL.matcher(field).replaceAll(match ->
        Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
  }
}
