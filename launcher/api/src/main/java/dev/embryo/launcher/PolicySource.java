package dev.embryo.launcher;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.PolicyTemplate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the policy of a sandbox comes from: a template with what is added to it, or a policy to which nothing can be added.
 *
 * @param template the template, or null
 * @param closed the policy, or null
 * @param binding what is added
 */
record PolicySource(@Nullable PolicyTemplate template, @Nullable Policy closed, Binding binding) {
  /** No policy yet. */
  static final PolicySource NONE = new PolicySource(null, null, Binding.NONE);

  PolicySource with(PolicyTemplate policy) {
    return new PolicySource(policy, null, binding);
  }

  PolicySource with(Policy policy) {
    return new PolicySource(null, policy, binding);
  }

  PolicySource withParameter(String name, String value) {
    return new PolicySource(template, closed, binding.with(name, value));
  }

  PolicySource withArguments(List<String> arguments) {
    return new PolicySource(template, closed, binding.withArguments(arguments));
  }

  PolicySource withRights(String parameter, Rights fewer) {
    return new PolicySource(template, closed, binding.withRights(parameter, fewer));
  }

  /** @throws IllegalStateException if there is no policy, or something is added to one that takes nothing */
  PolicySource requirePolicy() {
    if (template == null && closed == null) {
      throw new IllegalStateException("a sandbox needs a policy");
    } else if (closed != null && !binding.equals(Binding.NONE)) {
      throw new IllegalStateException("a policy that is bound already takes no parameters, arguments and rights");
    }
    return this;
  }

  /**
   * The policy, with everything in its place.
   *
   * @throws PolicyException if something that is added is missing, unknown or out of bounds
   */
  Policy policy() throws PolicyException {
    if (template != null) {
      var environment = template.inheritedVariables().isEmpty() ? Map.<String, String>of() : System.getenv();
      return template.bind(binding.withEnvironment(environment));
    }
    return Objects.requireNonNull(requirePolicy().closed);
  }
}
