/** The {@code embryo} command: arguments in, exit status out. */
@NullMarked
package dev.embryo.launcher.cli;

import org.jspecify.annotations.NullMarked;
