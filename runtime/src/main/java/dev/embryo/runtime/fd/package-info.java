/** Owned, closeable descriptors, and the few calls that make them. */
@NullMarked
package dev.embryo.runtime.fd;

import org.jspecify.annotations.NullMarked;
