package dev.embryo.policy.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a launch adds to a policy, within the bounds that the policy sets. Two bindings that are equal make the same policy
 * of the same template.
 *
 * <p>Immutable and safe for use by many threads.
 *
 * @param parameters the values of parameters, by name
 * @param arguments what is appended to the program's arguments
 * @param environment the launcher's environment, of which the policy inherits what it names
 * @param rights what a program gets of the rights that the policy gives at a parameter that is a descriptor, by its name; all of
 *     them where nothing is said
 */
public record Binding(
    Map<String, String> parameters, List<String> arguments, Map<String, String> environment, Map<String, Rights> rights) {

  /** Adds nothing. */
  public static final Binding NONE = new Binding(Map.of(), List.of(), Map.of(), Map.of());

  /** Keeps copies of the collections. */
  public Binding {
    parameters = Map.copyOf(parameters);
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    rights = Map.copyOf(rights);
  }

  /** This binding with a value for one more parameter. */
  public Binding with(String parameter, String value) {
    Map<String, String> more = new LinkedHashMap<>(parameters);
    more.put(parameter, value);
    return new Binding(more, arguments, environment, rights);
  }

  /** This binding with these arguments to append. */
  public Binding withArguments(List<String> appended) {
    return new Binding(parameters, appended, environment, rights);
  }

  /** This binding with this environment to inherit from. */
  public Binding withEnvironment(Map<String, String> launchers) {
    return new Binding(parameters, arguments, launchers, rights);
  }

  /** This binding with fewer rights than the policy's at a parameter that is a descriptor. */
  public Binding withRights(String parameter, Rights fewer) {
    Map<String, Rights> more = new LinkedHashMap<>(rights);
    more.put(parameter, fewer);
    return new Binding(parameters, arguments, environment, more);
  }
}
