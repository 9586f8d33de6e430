package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The structured arguments of the program, as a file in memory that it can read and nobody can change.
 *
 * @param name {@value #NAME}
 * @param tree what they are
 * @param format how they are written into the file
 * @param rights to read
 * @param fd the descriptor number
 * @param mount nothing
 * @param position where the policy writes them
 */
public record ArgumentsCapability(
    String name, Argument tree, Format format, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  /** The name under which a program finds them. */
  public static final String NAME = "arguments";

  /** How structured arguments are written. */
  public enum Format {
    /** CloudABI's binary format, see <a href="https://github.com/NuxiNL/argdata">argdata</a>. */
    ARGDATA,
    /** RFC 8259, on one line. */
    JSON
  }

  @Override
  public String kind() {
    return NAME;
  }
}
