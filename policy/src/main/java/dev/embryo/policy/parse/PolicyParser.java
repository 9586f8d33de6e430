package dev.embryo.policy.parse;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.TreeReader.Dialect;
import java.nio.file.Path;
import java.util.Map;

/**
 * Reads the text of a policy.
 *
 * <p>The parser touches no file and keeps no state; it is safe for use by many threads. The language is described at
 * the {@linkplain dev.embryo.policy.parse package}.
 *
 * <pre>{@code
 * Path file = Path.of("thumbnailer.yaml").toAbsolutePath();
 * Policy policy = PolicyParser.parse("thumbnailer.yaml", file.getParent(), Files.readAllBytes(file));
 * }</pre>
 */
public final class PolicyParser {

  /** The largest policy that is read, in bytes: who reads one from a file has to read no more than one beyond it. */
  public static final int LARGEST = SourceText.LARGEST;

  private PolicyParser() {}

  /**
   * Reads a policy that leaves nothing to a launch.
   *
   * @param fileName what to call the policy in errors
   * @param baseDirectory the directory at which relative paths of the policy start: absolute; normally that of the
   *     policy file
   * @param bytes the text in UTF-8, at most 1 MiB; after a signature was checked, exactly the bytes that were signed
   * @return the policy, with every default filled in
   * @throws PolicyException if the text is not a policy of this language or asks for something that this version does
   *     not support, with every error that was found and its place; or if it has
   *     parameters without defaults
   * @throws IllegalArgumentException if the base directory is not absolute
   */
  public static Policy parse(String fileName, Path baseDirectory, byte[] bytes) throws PolicyException {
    return read(fileName, baseDirectory, bytes).bind(Binding.NONE);
  }

  /**
   * Reads a policy, and leaves open what it leaves to a launch.
   *
   * @param fileName what to call the policy in errors
   * @param baseDirectory the directory at which relative paths of the policy start, absolute
   * @param bytes the text, as for {@link #parse}
   * @return the policy, complete but for what a launch adds
   * @throws PolicyException as {@link #parse} does
   * @throws IllegalArgumentException if the base directory is not absolute
   */
  public static PolicyTemplate read(String fileName, Path baseDirectory, byte[] bytes) throws PolicyException {
    Problems problems = new Problems();
    Tree tree = TreeReader.read(Dialect.POLICY, SourceText.decode(fileName, bytes), problems);
    return template(fileName, baseDirectory, bytes, tree, problems);
  }

  /**
   * What the tree of a policy means.
   *
   * @param bytes what tells it from every other of this name and directory
   */
  static PolicyTemplate template(String fileName, Path baseDirectory, byte[] bytes, Tree tree, Problems problems)
      throws PolicyException {
    if (!baseDirectory.isAbsolute()) {
      throw new IllegalArgumentException("the base directory must be absolute: " + baseDirectory);
    }
    Values values = SchemaReader.read(tree, baseDirectory, problems);
    ArgumentsReader.check(CapabilityReader.check(values, problems), values, problems);
    IsolationReader.read(values, problems);
    Map<String, Parameter> parameters = ParameterReader.read(values, problems);
    problems.throwIfAny();
    return new PolicyTemplate(fileName, baseDirectory, bytes, values, parameters);
  }
}
