package dev.embryo.policy.model;

/**
 * The address of a socket that a launch makes.
 *
 * @param transport what goes over it, and what kind of name it has
 * @param name a numeric IPv4 or IPv6 address, an absolute path, or an abstract name
 * @param port 0 to 65535, 0 for one that the kernel chooses; of internet addresses only
 */
public record SocketAddress(Transport transport, String name, int port) {
  /** The kinds of addresses, and of what goes over a socket. */
  public enum Transport {
    TCP("tcp", Scope.INTERNET, Form.STREAM),
    UDP("udp", Scope.INTERNET, Form.DATAGRAM),
    UNIX("unix", Scope.PATH, Form.STREAM),
    UNIX_DATAGRAM("unix-datagram", Scope.PATH, Form.DATAGRAM),
    UNIX_SEQPACKET("unix-seqpacket", Scope.PATH, Form.SEQPACKET),
    ABSTRACT("abstract", Scope.ABSTRACT, Form.STREAM),
    ABSTRACT_DATAGRAM("abstract-datagram", Scope.ABSTRACT, Form.DATAGRAM),
    ABSTRACT_SEQPACKET("abstract-seqpacket", Scope.ABSTRACT, Form.SEQPACKET);

    private final String word;
    private final Scope scope;
    private final Form form;

    Transport(String word, Scope scope, Form form) {
      this.word = word;
      this.scope = scope;
      this.form = form;
    }

    /** The word by which a policy names it. */
    public String word() {
      return word;
    }

    /** What names it. */
    public Scope scope() {
      return scope;
    }

    /** What goes over it. */
    public Form form() {
      return form;
    }
  }

  /** What names a socket. */
  public enum Scope {
    /** An internet address and a port. */
    INTERNET,
    /** A file. */
    PATH,
    /** A name in the network namespace, which no permission guards. */
    ABSTRACT
  }

  /** What goes over a socket. */
  public enum Form {
    /** A stream of bytes, over a connection. */
    STREAM,
    /** Single messages. */
    DATAGRAM,
    /** Messages, over a connection. */
    SEQPACKET
  }

  /** Whether it is a Unix socket: over such a one descriptors can be passed. */
  public boolean isUnix() {
    return transport.scope() != Scope.INTERNET;
  }

  /** Whether messages go over it without a connection. */
  public boolean isDatagram() {
    return transport.form() == Form.DATAGRAM;
  }

  /** As a policy writes it. */
  @Override
  public String toString() {
    return transport.scope() != Scope.INTERNET ? transport.word() + ':' + name
        : transport.word() + ':' + (name.contains(":") ? '[' + name + ']' : name) + ':' + port;
  }
}
