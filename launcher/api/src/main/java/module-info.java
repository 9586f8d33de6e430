/** The library: programs under a policy, with the comforts of {@link java.lang.Process}. */
module dev.embryo.launcher {
  requires transitive dev.embryo.policy;
  requires static org.jspecify;

  exports dev.embryo.launcher;
}
