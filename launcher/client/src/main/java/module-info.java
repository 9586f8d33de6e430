/** For programs that run under a policy: finds their capabilities by name. */
module dev.embryo.client {
  requires static org.jspecify;

  exports dev.embryo.client;
}
