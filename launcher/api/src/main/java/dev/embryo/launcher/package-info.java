/**
 * Programs under a policy, launched from Java.
 *
 * <pre>{@code
 * Sandbox sandbox = Sandbox.builder().policy(Policies.load(Path.of("policy.yaml"))).build();
 * try (SandboxedProcess process = sandbox.launch()) {
 *   String output = new String(process.getInputStream().readAllBytes(), UTF_8);
 *   ExitStatus status = process.exitStatus(Duration.ofSeconds(30));
 * }
 * }</pre>
 *
 * <p>{@link dev.embryo.launcher.Sandbox} is a policy made ready for this host, launched as often as one likes;
 * {@link dev.embryo.launcher.SandboxedProcess} is one launch of it. A launch that cannot be made exactly as the policy
 * says throws, and no program runs.
 */
@NullMarked
package dev.embryo.launcher;

import org.jspecify.annotations.NullMarked;
