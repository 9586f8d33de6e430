package dev.embryo.client;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that a program was passed, by the names that they have in its policy: those that have no number of their own
 * there. It reads {@code LISTEN_PID}, {@code LISTEN_FDS} and {@code LISTEN_FDNAMES}, see sd_listen_fds(3); where they are
 * malformed, or meant for another process, there are no capabilities.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class Capabilities {

  private static final int FIRST = 3;
  private static final Pattern NUMBER = Pattern.compile("0*[0-9]{1,10}");

  private final List<String> names;

  private Capabilities(List<String> names) {
    this.names = names;
  }

  /** Those of this process, of which the environment tells. */
  public static Capabilities ofThisProcess() {
    return of(System.getenv(), ProcessHandle.current().pid());
  }

  static Capabilities of(Map<String, String> environment, long pid) {
    long count = number(environment, "LISTEN_FDS");
    List<String> names = List.of(environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1));
    boolean meant = number(environment, "LISTEN_PID") == pid;
    return new Capabilities(meant && count == names.size() ? names : List.of());
  }

  private static long number(Map<String, String> environment, String variable) {
    String text = environment.getOrDefault(variable, "");
    return NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
  }

  /** Their names, in the order of their numbers. */
  public List<String> names() {
    return names;
  }

  /** The number of the one that is called so; of several, of the first. */
  public OptionalInt find(String name) {
    int place = name.isEmpty() ? -1 : names.indexOf(name);
    return place < 0 ? OptionalInt.empty() : OptionalInt.of(FIRST + place);
  }

  /**
   * The one that is called so, for {@link java.io.FileInputStream}, {@link java.io.FileOutputStream} and their channels. Java has
   * no way of its own to a descriptor by number, so the field behind this class has to be open to it.
   *
   * @throws NoSuchElementException if none is called so
   * @throws IllegalStateException if Java was not run with {@code --add-opens java.base/java.io=dev.embryo.client}, or
   *     {@code =ALL-UNNAMED} on the class path; in the manifest of an executable jar it is {@code Add-Opens: java.base/java.io}
   */
  public FileDescriptor descriptor(String name) {
    int number = find(name).orElseThrow(() ->
        new NoSuchElementException("no capability is called '" + name + "'; there are " + names));
    try {
      Field field = FileDescriptor.class.getDeclaredField("fd");
      field.setAccessible(true);
      FileDescriptor descriptor = new FileDescriptor();
      field.setInt(descriptor, number);
      return descriptor;
    } catch (InaccessibleObjectException | ReflectiveOperationException closed) {
      Module module = Capabilities.class.getModule();
      throw new IllegalStateException("descriptor " + number + " cannot be used from Java; run it with --add-opens java.base/java.io="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED"), closed);
    }
  }

  /**
   * The structured arguments of the program, which its policy has as argdata; see {@link Argdata} for what a value is. They can be
   * read any number of times.
   *
   * @throws NoSuchElementException if there are none
   * @throws IllegalArgumentException if they are no argdata
   * @throws IllegalStateException as {@link #descriptor} says
   * @throws IOException if they cannot be read
   */
  @SuppressWarnings("resource") // closed, the descriptor would be closed for the whole program
  public @Nullable Object arguments() throws IOException {
    var channel = new FileInputStream(descriptor("arguments")).getChannel();
    var bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    int got = 0;
    while (bytes.hasRemaining() && got >= 0) {
      got = channel.read(bytes, bytes.position());
    }
    return Argdata.read(bytes.flip());
  }
}
