/**
 * The {@code embryo} command: arguments in, exit status out.
 *
 * <p>{@link dev.embryo.launcher.cli.Main} reads the command line with picocli; each subcommand is a class of its own, which
 * uses the library ({@code dev.embryo.launcher}) and nothing below it. {@link dev.embryo.launcher.cli.Report} is the one
 * place where a failure becomes words on standard error and an {@link dev.embryo.launcher.cli.Status}; {@link
 * dev.embryo.launcher.cli.SignalRelay} hands the signals that the launcher gets on to the program.
 */
@NullMarked
package dev.embryo.launcher.cli;

import org.jspecify.annotations.NullMarked;
