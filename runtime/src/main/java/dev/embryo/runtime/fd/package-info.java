/**
 * Owned, closeable descriptors, the few calls that make them, streams over pipes whose waiting ends by a close or an interrupt,
 * and the one thread, {@link dev.embryo.runtime.fd.Reactor}, that waits for all of them.
 */
@NullMarked
package dev.embryo.runtime.fd;

import org.jspecify.annotations.NullMarked;
