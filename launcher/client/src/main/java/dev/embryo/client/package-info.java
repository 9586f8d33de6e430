/**
 * For a program that runs under a policy of Embryo: finds its capabilities by name, and reads its structured arguments.
 *
 * <pre>{@code
 * Capabilities capabilities = Capabilities.ofThisProcess();
 * OutputStream log = new FileOutputStream(capabilities.descriptor("log"));
 * Map<?, ?> arguments = (Map<?, ?>) capabilities.arguments();
 * }</pre>
 *
 * <p>It depends on nothing, neither on the rest of Embryo: whoever passes descriptors as sd_listen_fds(3) has it can have started
 * the program.
 */
@NullMarked
package dev.embryo.client;

import org.jspecify.annotations.NullMarked;
