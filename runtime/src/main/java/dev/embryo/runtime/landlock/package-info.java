/** What Landlock can restrict, by the version of its interface (ABI) that a kernel offers; see landlock(7). */
@NullMarked
package dev.embryo.runtime.landlock;

import org.jspecify.annotations.NullMarked;
