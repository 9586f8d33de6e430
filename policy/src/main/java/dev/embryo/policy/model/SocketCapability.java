package dev.embryo.policy.model;

/** A socket that the launch makes, and the program could not make itself. */
public sealed interface SocketCapability extends Capability permits Listen, Connect {

  /** Its own name, or that of its peer. */
  SocketAddress address();
}
