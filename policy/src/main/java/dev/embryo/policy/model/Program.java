package dev.embryo.policy.model;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is run.
 *
 * @param path the executable on the host: absolute, normalised
 * @param arguments {@code argv[1..]}, without NUL characters
 * @param environment the whole environment; names match {@code [A-Za-z_][A-Za-z0-9_]*}, values hold no NUL
 * @param directory the working directory: an absolute, normalised path of the private root
 * @param name {@code argv[0]}; nothing when it is the path as the program sees it
 * @param sha256 the digest that the file at the path has to have: 64 hexadecimal digits; nothing when any will do
 */
public record Program(
    Path path,
    List<String> arguments,
    Map<String, String> environment,
    String directory,
    Optional<String> name,
    Optional<String> sha256) {

  /** Keeps copies of the collections. */
  public Program {
    arguments = List.copyOf(arguments);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
  }
}
