/** Owned, closeable descriptors, the few calls that make them, and interruptible streams over pipes. */
@NullMarked
package dev.embryo.runtime.fd;

import org.jspecify.annotations.NullMarked;
