package dev.embryo.policy.parse;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * How the names look that a policy may choose in one place.
 *
 * @param path the place, ending in {@code *}
 * @param expects what to write
 * @param form the form of a name
 * @param reserved names of that form that Embryo gives itself
 */
record NameRule(String path, String expects, Pattern form, Set<String> reserved) {}
