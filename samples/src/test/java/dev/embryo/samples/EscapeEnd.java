package dev.embryo.samples;

/** Where a way is to lead. */
enum EscapeEnd { OUTSIDE, WITHIN }
