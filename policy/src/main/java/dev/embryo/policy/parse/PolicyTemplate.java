package dev.embryo.policy.parse;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Places;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A policy as it is written: well-formed, and open in what it leaves to a launch, its {@code parameters}, {@code
 * program.extra-arguments} and {@code program.environment.inherit}. {@linkplain #bind Binding} closes it.
 *
 * <p>Two templates are equal if they were read from the same bytes, under the same name, for the same directory, and, where they
 * are configurations of cloudabi-run, for the same program; with equal bindings they make equal policies.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class PolicyTemplate {

  private final String fileName;
  private final Path base;
  private final byte[] bytes;
  private final Values values;
  private final Map<String, Parameter> parameters;

  PolicyTemplate(String fileName, Path base, byte[] bytes, Values values, Map<String, Parameter> parameters) {
    this.fileName = fileName;
    this.base = base;
    this.bytes = bytes.clone();
    this.values = values;
    this.parameters = parameters;
  }

  /** The name of the policy. */
  public String name() {
    return values.get(KeyTable.NAME);
  }

  /** The names of its parameters, in the order of the text. */
  public List<String> parameters() {
    return List.copyOf(parameters.keySet());
  }

  /** The names of those variables that it takes from the launcher's environment, in the order of the text. */
  public List<String> inheritedVariables() {
    return values.get(KeyTable.INHERITED).stream().map(InheritedName::name).toList();
  }

  /** Where each key stands in the text. */
  public Places places() {
    return values.places();
  }

  /**
   * The policy of a launch.
   *
   * @param binding what the launch adds
   * @return a policy without parameters, with every default filled in
   * @throws PolicyException if a parameter is missing or unknown, or if anything is out of the bounds that the policy sets;
   *     with the places of those bounds
   */
  public Policy bind(Binding binding) throws PolicyException {
    return PolicyMaker.policy(Binder.bind(values, parameters, binding));
  }

  /**
   * The policy written out: with its profile merged in, every default in its place, every path absolute, and its parameters
   * as they are. A policy that means the same wherever it is kept, as long as its profile holds the same.
   */
  public String expand() {
    return Expansion.of(values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PolicyTemplate that
        && fileName.equals(that.fileName)
        && base.equals(that.base)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** {@code NAME (FILE)}. */
  @Override
  public String toString() {
    return name() + " (" + Printable.escape(fileName) + ")";
  }
}
