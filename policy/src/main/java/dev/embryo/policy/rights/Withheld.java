package dev.embryo.policy.rights;

import dev.embryo.policy.model.Rights;

/**
 * A descriptor that may be used in some ways only, which a filter sees to by its number.
 *
 * @param number the number at which the program finds it
 * @param capability the name of the capability
 * @param rights what may be done with it; everything else is withheld
 */
public record Withheld(int number, String capability, Rights rights) {}
