package dev.embryo.policy.parse;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Tree.Broken;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import dev.embryo.policy.parse.Tree.Text;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Says with the tags of a policy what a configuration of cloudabi-run says with its own, of which the names are the same and the
 * values are not. Used by one thread, for one configuration.
 */
final class CloudabiTags {

  private static final int MOST_FD = (1 << 20) - 1; // as for 'inherit'
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,6}");
  private static final String RIGHTS = KeyTable.RIGHTS.word();

  private static final List<String> KEYS_OF_FD = List.of("number", RIGHTS);
  private static final List<String> KEYS_OF_SOCKET = List.of("bind", "connect", RIGHTS, "type");

  /** What is before the address in a policy: of a socket of the internet, and of one in the file system. */
  private record Transport(String internet, String path) {}

  private static final Map<String, Transport> TRANSPORTS = Map.of(
      "dgram", new Transport("udp:", "unix-datagram:"),
      "seqpacket", new Transport("", "unix-seqpacket:"),
      "stream", new Transport("tcp:", "unix:"));
  private static final List<String> TYPES = TRANSPORTS.keySet().stream().sorted().toList();

  private final Path base;
  private final Predicate<Path> isDirectory;
  private final Problems problems;
  private final Map<Integer, Entry> inherited = new LinkedHashMap<>();

  CloudabiTags(Path base, Predicate<Path> isDirectory, Problems problems) {
    this.base = base;
    this.isDirectory = isDirectory;
    this.problems = problems;
  }

  /** The capabilities of the descriptors of the launcher that were met so far. */
  List<Entry> inherited() {
    return List.copyOf(inherited.values());
  }

  /** In a configuration a dollar and a brace are what they are. */
  static String escaped(String text) {
    return text.replaceAll("(\\$+)(?=\\{)", "$1$1");
  }

  /** The value at the path, as structured arguments of a policy are written. */
  Tree translated(Tree tree, String path) {
    if (tree instanceof Text text) {
      String escaped = escaped(text.text());
      return escaped.equals(text.text()) ? text : new Text(text.position(), escaped, text.plain(), false);
    }
    return tree instanceof Tagged tagged ? translated(tagged, translated(tagged.value(), path), path)
        : tree.withParts(path, this::translated);
  }

  private Tree translated(Tagged tagged, Tree value, String path) {
    Optional<Tags> tag = Tags.of(tagged.tag());
    if (tag.equals(Optional.of(Tags.FD))) {
      return descriptor(tagged.position(), value, path);
    } else if (tag.equals(Optional.of(Tags.FILE)) && value instanceof Keys keys) {
      return new Tagged(tagged.position(), (isDirectory(keys) ? Tags.DIRECTORY : Tags.FILE).text(), keys);
    } else if (tag.equals(Optional.of(Tags.SOCKET)) && value instanceof Keys keys) {
      return socket(tagged.position(), keys, path);
    }
    return new Tagged(tagged.position(), tagged.tag(), value);
  }

  /** A descriptor of the launcher, which stays at its number if it is a standard stream. */
  private Tree descriptor(Position position, Tree value, String path) {
    if (value instanceof Broken || (value instanceof Keys keys && !known(keys, Tags.FD, KEYS_OF_FD, path))) {
      return new Broken(position);
    }
    Optional<Integer> number = (value instanceof Keys keys ? keys.find("number") : Optional.of(value)).flatMap(CloudabiTags::number);
    if (number.isEmpty()) {
      problems.at(path, position, "expected stdin, stdout, stderr or the number of a descriptor behind !fd, not "
          + value.description());
      return new Broken(position);
    }
    boolean standard = number.get() < Policy.STANDARD_STREAMS.size();
    String name = standard ? Policy.STANDARD_STREAMS.get(number.get()) : "fd-" + number.get();
    Optional<Tree> rights = value instanceof Keys keys ? keys.find(RIGHTS) : Optional.empty();
    Entry first = inherited.putIfAbsent(number.get(), new Entry(Lifting.plain(position, name), new Keys(position, List.of(
        CloudabiReader.entry(position, KeyTable.INHERIT.word(), String.valueOf(number.get())),
        new Entry(Lifting.plain(position, RIGHTS), rights.orElse(
            Lifting.plain(position, standard && number.get() > 0 ? "write" : "read")))))));
    if (first != null && rights.isPresent()) {
      problems.at(path, rights.get().position(), "descriptor " + number.get() + " has its rights already, since line "
          + first.key().position().line() + "; write them there");
    }
    return Lifting.reference(position, name);
  }

  private static Optional<Integer> number(Tree tree) {
    String written = tree instanceof Text text ? text.text() : "";
    int stream = Policy.STANDARD_STREAMS.indexOf(written);
    return stream >= 0 ? Optional.of(stream)
        : Optional.of(written).filter(text -> NUMBER.matcher(text).matches()).map(Integer::valueOf).filter(fd -> fd <= MOST_FD);
  }

  private boolean isDirectory(Keys keys) {
    try {
      return keys.find("path").filter(path -> path instanceof Text)
          .map(path -> isDirectory.test(base.resolve(((Text) path).text()).normalize())).orElse(false);
    } catch (InvalidPathException unknowable) {
      return false; // and that it is no path is told by others
    }
  }

  private Tree socket(Position position, Keys keys, String path) {
    if (!known(keys, Tags.SOCKET, KEYS_OF_SOCKET, path)) {
      return new Broken(position);
    }
    Tree type = keys.find("type").orElse(Lifting.plain(position, "stream"));
    Optional<Transport> transport =
        Optional.of(type).filter(tree -> tree instanceof Text).flatMap(text -> Optional.ofNullable(TRANSPORTS.get(((Text) text).text())));
    if (transport.isEmpty()) {
      problems.at(path, type.position(), "expected one of " + String.join(", ", TYPES) + " as the type of a socket, not "
          + type.description());
      return new Broken(position);
    }
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : keys.entries()) {
      String word = entry.key().text();
      if (!word.equals("type")) {
        boolean address = !word.equals(RIGHTS);
        entries.add(address ? new Entry(entry.key(), address(transport.get(), entry.value(), path)) : entry);
      }
    }
    return new Tagged(position, Tags.SOCKET.text(), new Keys(keys.position(), entries));
  }

  private Tree address(Transport transport, Tree written, String path) {
    if (!(written instanceof Text text)) {
      return written; // which others say is no address
    }
    String before = text.text().startsWith("/") ? transport.path() : transport.internet();
    if (before.isEmpty()) {
      problems.at(path, text.position(), "a socket of the type seqpacket has an absolute path as its address, not " + text.description());
      return new Broken(text.position());
    }
    return Lifting.plain(text.position(), before + text.text());
  }

  private boolean known(Keys keys, Tags tag, List<String> words, String path) {
    Optional<Text> unknown = keys.entries().stream().map(Entry::key).filter(key -> !words.contains(key.text())).findFirst();
    unknown.ifPresent(key -> Lifting.refuse(key, tag.text(), words, path, problems));
    return unknown.isEmpty();
  }
}
