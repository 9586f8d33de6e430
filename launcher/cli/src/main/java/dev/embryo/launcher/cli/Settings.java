package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import java.util.List;
import java.util.Map;

/**
 * What a launch adds to a policy.
 *
 * @param parameters the values of parameters
 * @param arguments what is appended to the program's arguments
 */
record Settings(Map<String, String> parameters, List<String> arguments) {
  /** Nothing. */
  static final Settings NONE = new Settings(Map.of(), List.of());

  /** The builder, with these. */
  Sandbox.Builder applyTo(Sandbox.Builder builder) {
    parameters.forEach(builder::parameter);
    return builder.arguments(arguments);
  }
}
