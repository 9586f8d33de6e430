package dev.embryo.policy.parse;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path of the host in which parameters may stand.
 *
 * @param text how it is written
 * @param base the directory at which it starts
 * @param under the directory that it must not leave, also by symbolic links
 */
record HostTemplate(Template text, Path base, Optional<Path> under) {

  HostTemplate(Template text, Path base) {
    this(text, base, Optional.empty());
  }

  /**
   * The path: absolute, normalised by its text alone.
   *
   * @throws InvalidPathException if the JVM cannot name such a file in its locale
   */
  Path path() {
    return base.resolve(text.fill(Map.of())).normalize();
  }

  /** The same with no parameter in it any more. */
  HostTemplate filled(Map<String, String> values) {
    return new HostTemplate(text.filled(values), base, under);
  }

  /** A path that a launch chose, in the place of this. */
  HostTemplate chosen(Path path, Path directory) {
    return new HostTemplate(text.of(path.toString()), base, Optional.of(directory));
  }

  /** How it is written: absolute as far as it is known. */
  String written() {
    return text.names().isEmpty() ? text.of(path().toString()).written()
        : text.whole().isPresent() ? text.written()
        : absolute().written();
  }

  private Template absolute() {
    if (text.written().startsWith("/")) {
      return text;
    }
    List<Template.Part> parts = new ArrayList<>(text.of(base + "/").parts());
    parts.addAll(text.parts());
    return new Template(text.path(), text.position(), parts);
  }
}
