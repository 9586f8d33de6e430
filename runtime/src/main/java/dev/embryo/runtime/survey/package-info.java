/**
 * What this host offers a launcher, found out by trying.
 *
 * <p>{@link dev.embryo.runtime.survey.Layers} answers what a launch needs to know, and tries only what is in doubt; {@link
 * dev.embryo.runtime.survey.Survey} tries everything, and gives a {@link dev.embryo.runtime.survey.Fact} for each thing.
 */
@NullMarked
package dev.embryo.runtime.survey;

import org.jspecify.annotations.NullMarked;
