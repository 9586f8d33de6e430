package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Tree.Broken;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Items;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import dev.embryo.policy.parse.Tree.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads YAML into a {@link Tree}, and is the only class that knows the YAML library.
 *
 * <p>It listens to the library's events instead of taking its composed nodes: the composer resolves aliases silently
 * and recurses as deep as the text says, and events show both before they do harm.
 */
final class TreeReader {

  private static final int DEEPEST = 16;

  /** What of YAML a text may make use of. */
  enum Dialect {
    /** A policy: tags in its structured arguments, no directives. */
    POLICY("policy", "") {
      @Override
      boolean hasTags(String path) {
        return path.equals(ARGUMENTS) || path.startsWith(ARGUMENTS + ".") || path.startsWith(ARGUMENTS + "[");
      }
    },
    /** A configuration of cloudabi-run: tags anywhere, and the directives that say what they mean. */
    CLOUDABI("configuration", "arguments") {
      @Override
      boolean hasTags(String path) {
        return true;
      }
    };

    private static final String ARGUMENTS = "arguments";

    private final String noun;
    private final String root;

    /**
     * @param noun what such a text is
     * @param root the path of its whole tree, as errors tell it
     */
    Dialect(String noun, String root) {
      this.noun = noun;
      this.root = root;
    }

    abstract boolean hasTags(String path);
  }

  private final Dialect dialect;
  private final SourceText source;
  private final Lines lines;
  private final Problems problems;
  private final Parser events;
  private Position reached;

  private TreeReader(Dialect dialect, SourceText source, Problems problems) {
    this.dialect = dialect;
    LoadSettings settings =
        LoadSettings.builder().setLabel("policy").setCodePointLimit(SourceText.LARGEST).build();
    this.source = source;
    this.lines = new Lines(source.file(), source.text());
    this.problems = problems;
    this.events = new ParserImpl(settings, new StreamReader(settings, source.text()));
    this.reached = new Position(source.file(), 1, 1);
  }

  /**
   * Reads the one document of the text. Errors that leave the rest readable are noted among the problems.
   *
   * @throws PolicyException if the text is not YAML, with the problems noted before
   */
  static Tree read(Dialect dialect, SourceText source, Problems problems) throws PolicyException {
    TreeReader reader = new TreeReader(dialect, source, problems);
    try {
      return reader.document();
    } catch (MarkedYamlEngineException e) {
      Position place = e.getProblemMark().map(reader::position).orElse(reader.reached);
      problems.at("", place, "not YAML: " + Printable.sentence(sentence(e)));
    } catch (Unreadable e) {
      problems.at("", e.position, e.reason);
    } catch (RuntimeException e) {
      // The library lets exceptions of its own code out on some malformed input, such as IllegalArgumentException.
      problems.at("", reader.reached, "not YAML from here on");
    }
    throw problems.exception();
  }

  private static String sentence(MarkedYamlEngineException e) {
    String context = Objects.requireNonNullElse(e.getContext(), "");
    String problem = Objects.requireNonNullElse(e.getProblem(), "it cannot be read");
    return context.isEmpty() ? problem : context + ", " + problem;
  }

  private Tree document() throws Unreadable {
    next(); // the start of the stream
    Event start = next();
    if (!(start instanceof DocumentStartEvent document)) {
      if (dialect == Dialect.CLOUDABI) {
        return new Text(reached, "", true, true); // for cloudabi-run nothing is null
      }
      throw new Unreadable(reached, "the " + dialect.noun + " is empty");
    }
    boolean directed = document.getSpecVersion().isPresent() || !document.getTags().isEmpty();
    if (directed && dialect == Dialect.POLICY) {
      problems.at("", position(start), "YAML directives are not supported");
    }
    Tree tree = node(next(), dialect.root, 1);
    next(); // the end of the document
    Event after = next();
    if (after instanceof DocumentStartEvent) {
      throw new Unreadable(position(after), "a " + dialect.noun + " is one document, and here a second one begins");
    }
    return tree;
  }

  private Tree node(Event event, String path, int depth) throws Unreadable {
    Position position = position(event);
    if (depth > DEEPEST) {
      throw new Unreadable(position, "nested more than " + DEEPEST + " levels deep");
    }
    Tree tree = content(event, position, path, depth);
    Optional<String> tag = tag(event);
    Optional<String> indirection = indirection(event)
        .or(() -> tag.isPresent() && !dialect.hasTags(path) ? Optional.of("tags ('!name') are not supported") : Optional.empty());
    indirection.ifPresent(what -> problems.at(path, position, what));
    return indirection.isPresent() ? new Broken(position)
        : tag.<Tree>map(name -> new Tagged(position, Tags.shortened(name), tree)).orElse(tree);
  }

  private Tree content(Event event, Position position, String path, int depth) throws Unreadable {
    if (event instanceof ScalarEvent scalar) {
      return text(scalar, position, path);
    }
    if (event instanceof MappingStartEvent) {
      return mapping(position, path, depth);
    }
    return event instanceof CollectionStartEvent ? sequence(position, path, depth) : new Broken(position);
  }

  /** The features of YAML by which a text can mean something else than what stands there. */
  private static Optional<String> indirection(Event event) {
    if (event instanceof AliasEvent) {
      return Optional.of("aliases ('*name') are not supported; write the value out");
    }
    if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      return Optional.of("anchors ('&name') are not supported");
    }
    return Optional.empty();
  }

  private static Optional<String> tag(Event event) {
    return event instanceof ScalarEvent scalar ? scalar.getTag()
        : event instanceof CollectionStartEvent collection ? collection.getTag()
        : Optional.empty();
  }

  private Tree text(ScalarEvent scalar, Position position, String path) {
    String text = scalar.getValue();
    // Only escapes can have put these there: the text itself was checked.
    if (text.indexOf('\0') >= 0) {
      problems.at(path, position, "a NUL character ends a string for the kernel, so it cannot be inside one");
      return new Broken(position);
    }
    if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      problems.at(path, position, "half of a surrogate pair is not a character");
      return new Broken(position);
    }
    return new Text(position, text, scalar.isPlain(), isVerbatim(scalar));
  }

  /** As long in the source as it is: nothing was escaped, folded or continued on another line. */
  private static boolean isVerbatim(ScalarEvent scalar) {
    Mark start = scalar.getStartMark().orElse(null);
    Mark end = scalar.getEndMark().orElse(null);
    int quotes = scalar.isPlain() ? 0 : 2;
    return start != null && end != null && start.getLine() == end.getLine()
        && end.getColumn() - start.getColumn() - quotes == scalar.getValue().codePointCount(0, scalar.getValue().length());
  }

  private Tree sequence(Position position, String path, int depth) throws Unreadable {
    List<Tree> items = new ArrayList<>();
    for (Event event = next(); isNode(event); event = next()) {
      items.add(node(event, path + "[" + items.size() + "]", depth + 1));
    }
    return new Items(position, List.copyOf(items));
  }

  private Tree mapping(Position position, String path, int depth) throws Unreadable {
    Map<String, Position> seen = new HashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Event event = next(); isNode(event); event = next()) {
      Tree key = node(event, path, depth + 1);
      Tree value = node(next(), beneath(path, key), depth + 1);
      if (accept(key, path, seen)) {
        entries.add(new Entry((Text) key, value));
      }
    }
    return new Keys(position, List.copyOf(entries));
  }

  private static String beneath(String path, Tree key) {
    return key instanceof Text text ? text.beneath(path) : path.isEmpty() ? "?" : path + ".?";
  }

  private boolean accept(Tree key, String path, Map<String, Position> seen) {
    if (!(key instanceof Text text)) {
      if (!(key instanceof Broken)) {
        problems.at(path, key.position(), "a key must be a text, not " + key.description());
      }
      return false;
    }
    if (text.plain() && text.text().equals("<<")) {
      problems.at(path, key.position(), "merge keys ('<<') are not supported; write the keys out");
      return false;
    }
    Position first = seen.putIfAbsent(text.text(), key.position());
    if (first != null) {
      problems.spoil(
          path,
          key.position(),
          "duplicate key " + Printable.quote(text.text()) + "; the first is on line " + first.line());
    }
    return first == null;
  }

  /** Whether the event begins a node, rather than ending the collection around it. */
  private static boolean isNode(Event event) {
    return event instanceof NodeEvent;
  }

  private Event next() {
    Event event = events.next();
    reached = event.getEndMark().map(this::position).orElse(reached);
    return event;
  }

  private Position position(Event event) {
    return event.getStartMark().map(this::position).orElse(reached);
  }

  private Position position(Mark mark) {
    return lines.at(mark.getIndex());
  }

  /** A reason to read no further. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never leaves this class
    private final Position position;

    private final String reason;

    Unreadable(Position position, String reason) {
      this.position = position;
      this.reason = reason;
    }
  }
}
