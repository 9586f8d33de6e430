/**
 * The launch benchmark.
 *
 * <p>A figure is a ratio against a peer in the same run: launches alternate, A B A B, after a warm-up, and the medians are
 * compared. Absolute times stand beside it, since machines are shared and noisy. One launch is timed from the call that
 * starts the program until its exit status is known; what is left of it (closing pipes, the end of its namespaces) is
 * awaited before the next launch begins, and not timed, for both sides alike.
 *
 * <pre>
 *   Main -> Options
 *        -> Row (the table of what is measured) -> Comparison | Throughput | Leaks
 *                                                   -> Subject (what is launched) -> Launcher
 *                                                   -> Satellite (a JVM with other flags)
 *        -> Report (table, JSON)
 * </pre>
 */
@NullMarked
package dev.embryo.launcher.bench;

import org.jspecify.annotations.NullMarked;
