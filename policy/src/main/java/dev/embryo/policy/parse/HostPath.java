package dev.embryo.policy.parse;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** A path of the host, relative to the policy file unless absolute, normalised by its text alone. */
record HostPath() implements ValueType<Path> {

  private static final RuledText TEXT = RuledText.path();

  @Override
  public String expects() {
    return TEXT.expects();
  }

  @Override
  public String values() {
    return "host path";
  }

  @Override
  public Optional<Path> read(Field field) {
    return TEXT.read(field).flatMap(text -> resolve(field, text));
  }

  @Override
  public String write(Path meaning) {
    return Flow.text(meaning.toString());
  }

  private static Optional<Path> resolve(Field field, String text) {
    try {
      return Optional.of(field.base().resolve(text).normalize());
    } catch (InvalidPathException e) {
      // In the C locale the JVM knows file names of ASCII only.
      return field.refuse("cannot be a file name in this locale; run with LC_ALL=C.UTF-8");
    }
  }
}
