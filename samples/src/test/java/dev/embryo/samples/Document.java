package dev.embryo.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The examples of a Markdown document, in order. A comment in front of a fenced block, which a reader does not see, says
 * what the block is:
 *
 * <pre>
 * &lt;!-- file: NAME --&gt;        the block is the content of a file
 * &lt;!-- run --&gt;               the block is run by a shell, and has to end with status 0
 * &lt;!-- run: status N --&gt;     likewise, with status N
 * &lt;!-- not run: WHY --&gt;      the block is for a shell, and is not run, for the reason given
 * &lt;!-- prints --&gt;            the block is what the last command printed; "..." stands for anything
 * &lt;!-- file: NAME LINES --&gt;  a file that the document does not show; the lines follow within the comment
 * </pre>
 *
 * <p>Other blocks are text, but for those in YAML, each of which has to be a file, and those in {@code sh}, each of which has to be
 * run or to say why it is not. A fence {@code yaml wrong} holds a policy that is not one.
 */
record Document(Path path, List<Block> blocks) {
  /** What is to be done with a block. */
  enum Use { FILE, RUN, NOT_RUN, PRINTS }

  /** A block, where it begins, what its comment says behind the colon, and the words of its fence. */
  record Block(Use use, int line, String argument, String language, String text) {}

  private static final Pattern COMMENT = Pattern.compile("<!-- (file|run|not run|prints)(?:: (.+?))?( -->)?");
  private static final String FENCE = "```";

  static Document read(Path path) throws IOException {
    return new Document(path, new Reader(Files.readAllLines(path)).read());
  }

  private static final class Reader {
    private final List<String> lines;
    private final List<Block> blocks = new ArrayList<>();
    private int next;

    Reader(List<String> lines) {
      this.lines = lines;
    }

    List<Block> read() {
      Optional<Block> announced = Optional.empty();
      while (next < lines.size()) {
        int at = next + 1;
        String line = lines.get(next++);
        var comment = COMMENT.matcher(line);
        if (comment.matches()) {
          var use = Use.valueOf(comment.group(1).replace(' ', '_').toUpperCase(Locale.ROOT));
          var argument = comment.group(2) == null ? "" : comment.group(2);
          boolean hidden = comment.group(3) == null;
          announced = Optional.of(new Block(use, at, argument, "", hidden ? until("-->") : ""));
          if (hidden) {
            blocks.add(announced.get());
            announced = Optional.empty();
          }
        } else if (line.startsWith(FENCE)) {
          add(announced, at, line.substring(FENCE.length()), until(FENCE));
          announced = Optional.empty();
        }
      }
      return blocks;
    }

    private void add(Optional<Block> announced, int line, String language, String text) {
      if (announced.isPresent()) {
        var block = new Block(announced.get().use(), line, announced.get().argument(), language, text);
        if (block.use() == Use.NOT_RUN && block.argument().isEmpty()) {
          throw new AssertionError("line " + line + ": a command that is not run has to say why: '<!-- not run: WHY -->'");
        }
        blocks.add(block);
      } else if (language.startsWith("sh")) {
        throw new AssertionError("line " + line + ": a command that is not run; say '<!-- run -->' before it, or '<!-- not run: WHY -->'");
      } else if (language.startsWith("yaml")) {
        throw new AssertionError("line " + line + ": a policy that is not tried; say '<!-- file: NAME -->' before it");
      }
    }

    private String until(String end) {
      var text = new StringBuilder();
      while (!lines.get(next).equals(end)) {
        text.append(lines.get(next++)).append('\n');
      }
      next++;
      return text.toString();
    }
  }
}
