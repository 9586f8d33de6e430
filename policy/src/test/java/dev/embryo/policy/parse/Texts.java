package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Policies for tests, and what the parser makes of them. */
final class Texts {

  /** The least policy there is. What is written after it begins on line 4. */
  static final String LEAST = """
      policy: embryo/v1
      name: test
      program: {path: /bin/true}
      """;

  static final Path BASE = Path.of("/srv/policies");

  private Texts() {}

  /** Parses a whole policy, called {@code p.yaml}. */
  static Policy parse(String text) throws PolicyException {
    return parse(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Parses a whole policy, called {@code p.yaml}. */
  static Policy parse(byte[] bytes) throws PolicyException {
    return PolicyParser.parse("p.yaml", BASE, bytes);
  }

  /** Reads a whole policy, called {@code p.yaml}, that may have parameters. */
  static PolicyTemplate read(String text) throws PolicyException {
    return PolicyParser.read("p.yaml", BASE, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a whole policy out. */
  static String expand(String text) throws PolicyException {
    return read(text).expand();
  }

  /** Parses the least policy with something added, from line 4 on. */
  static Policy with(String more) throws PolicyException {
    return parse(LEAST + more);
  }

  /** The message about a whole policy that cannot be parsed. */
  static String errors(String text) {
    return errors(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The message about a whole policy that cannot be parsed. */
  static String errors(byte[] bytes) {
    PolicyException exception = catchThrowableOfType(PolicyException.class, () -> parse(bytes));
    return exception == null ? "(no error)" : exception.getMessage();
  }

  /** The message about the least policy with something added, from line 4 on. */
  static String errorsWith(String more) {
    return errors(LEAST + more);
  }
}
