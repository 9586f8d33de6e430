package dev.embryo.policy.parse;

import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.model.SocketAddress.Scope;
import dev.embryo.policy.model.SocketAddress.Transport;
import dev.embryo.policy.parse.Tree.Text;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a socket. Names of hosts are not looked up: what they mean is for others to say, and may change.
 *
 * @param leastPort 0 where the kernel may choose the port
 */
record SocketText(int leastPort) implements ValueType<SocketAddress> {

  private static final int LONGEST_NAME = 107; // sun_path, without a NUL
  private static final Pattern PLACE = Pattern.compile("(?<host>\\[[^\\[\\]]*\\]|[^:\\[\\]]*):(?<port>[^:]*)");
  private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern FOUR = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern SIX = Pattern.compile("\\[[0-9A-Fa-f:.]+\\]");

  @Override
  public String expects() {
    return "the address of a socket, such as tcp:127.0.0.1:8080 or unix:/run/socket";
  }

  @Override
  public String values() {
    return "address";
  }

  @Override
  public Schema schema() {
    return Schema.matching("(" + String.join("|", words()) + "):.+");
  }

  private static List<String> words() {
    return Arrays.stream(Transport.values()).map(Transport::word).toList();
  }

  @Override
  public Optional<SocketAddress> read(Field field) {
    if (!(field.value() instanceof Text text) || text.text().indexOf(':') < 0) {
      return field.mismatch(this);
    }
    String word = text.text().substring(0, text.text().indexOf(':'));
    String name = text.text().substring(word.length() + 1);
    Optional<Transport> transport = Arrays.stream(Transport.values()).filter(t -> t.word().equals(word)).findFirst();
    if (TextRule.NO_PARAMETERS.broken().test(text.text())) {
      return field.refuse(TextRule.NO_PARAMETERS.refusal());
    } else if (transport.isEmpty()) {
      return field.refuse(Printable.quote(word) + " is no kind of socket; write one of " + String.join(", ", words())
          + Nearest.hint(word, words()));
    }
    return transport.get().scope() == Scope.INTERNET ? internet(transport.get(), name, field) : unix(transport.get(), name, field);
  }

  private Optional<SocketAddress> internet(Transport transport, String name, Field field) {
    Matcher place = PLACE.matcher(name);
    if (!place.matches()) {
      return field.refuse("expected an address and a port, such as " + transport.word() + ":127.0.0.1:8080 or "
          + transport.word() + ":[::1]:8080, not " + Printable.quote(name));
    }
    String port = place.group("port");
    if (!PORT.matcher(port).matches() || Integer.parseInt(port) < leastPort || Integer.parseInt(port) > 0xffff) {
      return field.refuse("expected a port from " + leastPort + " to 65535, not " + Printable.quote(port));
    }
    Optional<InetAddress> host = numeric(place.group("host"));
    return host.isEmpty()
        ? field.refuse(Printable.quote(place.group("host")) + " is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts"
            + " are not looked up")
        : Optional.of(new SocketAddress(transport, host.get().getHostAddress(), Integer.parseInt(port)));
  }

  /** An address that is written as a number: the library looks nothing up then. */
  private static Optional<InetAddress> numeric(String host) {
    boolean six = SIX.matcher(host).matches();
    if (!six && !FOUR.matcher(host).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(host)).filter(address -> six == (address instanceof Inet6Address));
    } catch (UnknownHostException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<SocketAddress> unix(Transport transport, String name, Field field) {
    boolean path = transport.scope() == Scope.PATH;
    if (path && !name.startsWith("/")) {
      return field.refuse("expected an absolute path, such as " + transport.word() + ":/run/socket, not " + Printable.quote(name)
          + "; a name without a file is written " + transport.word().replace("unix", "abstract") + ":NAME");
    } else if (name.isEmpty() || name.indexOf('\0') >= 0 || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
      return field.refuse("the name of a Unix socket has 1 to " + LONGEST_NAME + " bytes, none of them NUL");
    }
    return Optional.of(new SocketAddress(transport, name, 0));
  }

  @Override
  public String write(SocketAddress meaning) {
    return Flow.text(meaning.toString());
  }
}
