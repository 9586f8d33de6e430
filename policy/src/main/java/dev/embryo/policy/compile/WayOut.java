package dev.embryo.policy.compile;

/**
 * A way in which a program might get a restricted capability under another number, where nothing would be withheld from it.
 *
 * @param way the way, in words that begin a sentence
 * @param closedBy what is in the way, in words that end it
 */
public record WayOut(String way, String closedBy) {}
