/** The library that launches sandboxes. */
module dev.embryo.launcher {
  requires transitive dev.embryo.policy;
  requires static org.jspecify;
}
