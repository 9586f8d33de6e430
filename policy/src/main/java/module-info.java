/** The meaning: from the text of a policy to what an embryo does. */
module dev.embryo.policy {
  requires transitive dev.embryo.runtime;
  requires re2j;
  requires org.snakeyaml.engine;
  requires static org.jspecify;

  exports dev.embryo.policy.compile;
  exports dev.embryo.policy.explain;
  exports dev.embryo.policy.model;
  exports dev.embryo.policy.parse;
  exports dev.embryo.policy.resolve;
}
