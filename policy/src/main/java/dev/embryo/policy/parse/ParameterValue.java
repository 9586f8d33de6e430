package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Parameter.Text;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Judges the value that a launch gives a parameter, by its text alone. */
final class ParameterValue {

  private ParameterValue() {}

  /** Why the value is none of the parameter's. */
  static Optional<String> refusal(Text parameter, String value) {
    return unfit(value).or(() -> mismatch(parameter.matches(), value));
  }

  /** Why the text does not match. */
  static Optional<String> mismatch(com.google.re2j.Pattern pattern, String text) {
    return pattern.matches(text)
        ? Optional.empty()
        : Optional.of(Printable.quote(text) + " does not match " + Printable.escape(pattern.pattern()));
  }

  /** Why a value can stand nowhere. */
  static Optional<String> unfit(String value) {
    if (value.indexOf('\0') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      return Optional.of("a value cannot hold a NUL character or the end of a line");
    }
    return StandardCharsets.UTF_8.newEncoder().canEncode(value)
        ? Optional.empty()
        : Optional.of("a value cannot hold half of a surrogate pair, which is no character");
  }

  /** Why the value cannot be a path beneath the directory. That symbolic links do not lead out is seen later. */
  static Optional<String> refusal(Path under, boolean itself, String value) {
    Optional<String> unfit = unfit(value);
    if (unfit.isPresent() || value.isEmpty()) {
      return unfit.or(() -> Optional.of("a path cannot be empty"));
    }
    Path path;
    try {
      path = under.resolve(value);
    } catch (InvalidPathException e) {
      return Optional.of("cannot be a file name in this locale; run with LC_ALL=C.UTF-8");
    }
    for (Path name : path) {
      if (name.toString().equals("..")) {
        return Optional.of(Printable.quote(value) + " holds '..'");
      }
    }
    boolean beneath = path.normalize().startsWith(under) && (itself || !path.normalize().equals(under));
    return beneath
        ? Optional.empty()
        : Optional.of(Printable.quote(value) + " does not lie under " + Printable.escape(under.toString()));
  }
}
