package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** An interactive bash in a terminal that tmux(1) makes, at which is typed and whose screen is read. */
final class Screen implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration PAUSE = Duration.ofMillis(30); // tmux tells nobody that a screen has changed

  private final String socket;

  private Screen(String socket) {
    this.socket = socket;
  }

  /** Opens one of 80 columns and 24 rows, with the prompt {@code out>}. */
  static Screen open(Path directory) throws IOException, InterruptedException {
    var screen = new Screen(directory.resolve("tmux").toString());
    screen.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env PS1='out> ' bash --norc -i");
    screen.await("out>");
    return screen;
  }

  private String tmux(String... arguments) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("tmux", "-S", socket));
    words.addAll(List.of(arguments));
    var builder = Home.builder(words).redirectErrorStream(true);
    builder.environment().put("SHELL", "/bin/sh"); // an account for services has one that refuses
    var process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", words, output).isZero();
    return output;
  }

  /** Types a line. */
  Screen line(String text) throws IOException, InterruptedException {
    return type(text).key("Enter");
  }

  /** Types a text, and stays on its line. */
  Screen type(String text) throws IOException, InterruptedException {
    tmux("send-keys", "-l", text);
    return this;
  }

  /** Waits until the terminal hands out every key at once, as who has taken it wants it. */
  Screen awaitTaken() throws IOException, InterruptedException {
    String terminal = tmux("display-message", "-p", "#{pane_tty}").strip();
    return await("is taken", text -> settings(terminal).contains("-icanon"));
  }

  private static String settings(String terminal) {
    try {
      var stty = new ProcessBuilder("stty", "-F", terminal, "-a").redirectErrorStream(true).start();
      return new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Types keys, as tmux calls them: {@code C-c}, {@code Escape}, {@code q}. */
  Screen key(String... keys) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("send-keys"));
    words.addAll(List.of(keys));
    tmux(words.toArray(String[]::new));
    return this;
  }

  void resize(int columns, int rows) throws IOException, InterruptedException {
    tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
  }

  /** What can be seen, without empty lines at the end. */
  String text() throws IOException, InterruptedException {
    return tmux("capture-pane", "-p").stripTrailing();
  }

  /** Waits until the screen ends with a text. */
  Screen await(String end) throws IOException, InterruptedException {
    return await("ends with '" + end + "'", text -> text.endsWith(end));
  }

  Screen await(String what, Predicate<String> condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.test(text())) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the screen never " + what + ":\n" + text());
      }
      Thread.sleep(PAUSE.toMillis());
    }
    return this;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    tmux("kill-server");
  }
}
