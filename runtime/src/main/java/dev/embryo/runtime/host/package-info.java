/** What the machine offers, probed once and then a value, and what only one launcher at a time may use of it. */
@NullMarked
package dev.embryo.runtime.host;

import org.jspecify.annotations.NullMarked;
