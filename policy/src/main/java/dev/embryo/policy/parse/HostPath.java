package dev.embryo.policy.parse;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A path of the host, relative to the policy file unless absolute, normalised by its text alone. */
record HostPath() implements ValueType<Path> {

  private static final RuledText TEXT = RuledText.path();

  /** Where parameters may stand in a path. */
  enum Parameters {
    /** One, in one of its names. */
    ONE,
    /** One in the place of the whole path. */
    INSTEAD
  }

  @Override
  public String expects() {
    return TEXT.expects();
  }

  @Override
  public String values() {
    return "host path";
  }

  @Override
  public Schema schema() {
    return Schema.text();
  }

  @Override
  public Optional<Path> read(Field field) {
    Optional<HostTemplate> template = template(field);
    return template.isPresent() && !template.get().text().names().isEmpty()
        ? field.refuse(TextRule.NO_PARAMETERS.refusal())
        : template.map(HostTemplate::path);
  }

  @Override
  public String write(Path meaning) {
    return written(meaning.toString());
  }

  private static String written(String path) {
    return Flow.text(path.replaceAll("(\\$+)(?=\\{)", "$1$1"));
  }

  private static Optional<HostTemplate> template(Field field) {
    return TEXT.read(field)
        .flatMap(text -> TemplateText.template(field, text))
        .map(text -> new HostTemplate(text, field.base()))
        .flatMap(path -> named(field, path));
  }

  /** The path itself, if it can be the name of a file whatever the values of the parameters. */
  @SuppressWarnings("ReturnValueIgnored") // it is asked whether there is one
  private static Optional<HostTemplate> named(Field field, HostTemplate path) {
    try {
      Path.of(path.text().written());
      return Optional.of(path);
    } catch (InvalidPathException e) {
      // In the C locale the JVM knows file names of ASCII only.
      return field.refuse("cannot be a file name in this locale; run with LC_ALL=C.UTF-8");
    }
  }

  /**
   * Such a path in which a parameter may stand.
   *
   * @param parameters where
   */
  record Parametric(Parameters parameters) implements ValueType<HostTemplate> {
    @Override
    public String expects() {
      return TEXT.expects();
    }

    @Override
    public String values() {
      return parameters == Parameters.ONE ? "host path, in it one parameter at most" : "host path, or `${name}`";
    }

    @Override
    public Schema schema() {
      return Schema.text();
    }

    @Override
    public Optional<HostTemplate> read(Field field) {
      Optional<HostTemplate> path = template(field);
      List<String> names = path.map(p -> p.text().names()).orElse(List.of());
      if (parameters == Parameters.ONE && names.size() > 1) {
        return field.refuse("holds " + names.size() + " parameters; a path has one at most");
      }
      if (parameters == Parameters.INSTEAD && path.isPresent() && !names.isEmpty() && path.get().text().whole().isEmpty()) {
        return field.refuse("a parameter stands for the whole path here; write ${" + names.get(0) + "} alone, and 'under' in"
            + " parameters." + names.get(0));
      }
      return path;
    }

    @Override
    public String write(HostTemplate meaning) {
      return Flow.text(meaning.written());
    }
  }
}
