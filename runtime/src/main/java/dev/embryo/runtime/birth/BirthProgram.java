package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A list of operations with the data that they point into. Immutable and thread-safe: built once, launched often.
 *
 * <p>What differs between launches is named, not contained: {@link #descriptors()} and {@link #slots()} list, in order,
 * what {@link #encoding()} and the message's sender have to be given.
 */
public final class BirthProgram {
  /** The most operations that the stub takes in one batch. */
  public static final int MAX_OPERATIONS = 2048;

  private static final int NO_SUCH_CALL = 4095;

  private final List<Operation> operations;
  private final byte[] data;
  private final int[] relocations;
  private final List<String> descriptors;
  private final List<String> slots;
  private final int flags;
  private final Encoding encoding;

  private BirthProgram(Builder builder, int flags) {
    this.flags = flags;
    operations = List.copyOf(builder.operations);
    data = builder.data.toByteArray();
    relocations = builder.relocations.stream().mapToInt(Integer::intValue).toArray();
    descriptors = List.copyOf(builder.descriptors);
    slots = List.copyOf(builder.slots);
    encoding = Encoding.of(this, flags);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The operations, in the order of their execution. */
  public List<Operation> operations() {
    return operations;
  }

  /** The names of the descriptors that a launch supplies, in the order in which they are sent. */
  public List<String> descriptors() {
    return descriptors;
  }

  /** The names of the numbers that a launch supplies, in order. */
  public List<String> slots() {
    return slots;
  }

  /** The initial content of the data segment. */
  public byte[] data() {
    return data.clone();
  }

  /** The message that the stub executes, and what has to be filled into it. */
  public Encoding encoding() {
    return encoding;
  }

  /**
   * This program, in which one operation fails, whatever it is: with ENOSYS, because no kernel has that call. So it can be tried what
   * becomes of a birth that fails there.
   *
   * @throws IndexOutOfBoundsException if there is no operation {@code index}
   */
  public BirthProgram failingAt(int index) {
    return with(index, NO_SUCH_CALL, operations.get(index).operands());
  }

  /**
   * This program, in which one operation does another system call instead, such as one that fails with a certain error.
   *
   * @throws IndexOutOfBoundsException if there is no operation {@code index}
   */
  public BirthProgram calling(int index, String call, long... arguments) {
    return with(index, SystemCalls.number(call), Arrays.stream(arguments)
        .<Operand>mapToObj(argument -> new Operand.Value(argument, Long.toString(argument))).toList());
  }

  /**
   * This program, in which one operation is left out, so that it can be tried who notices; what it would have returned is a number
   * without meaning.
   *
   * @throws IndexOutOfBoundsException if there is no operation {@code index}
   */
  public BirthProgram omitting(int index) {
    return with(index, SystemCalls.number("getpid"), List.of());
  }

  private BirthProgram with(int index, int number, List<Operand> operands) {
    var builder = new Builder(this);
    builder.operations.set(index, builder.operations.get(index).doing(number, operands));
    return new BirthProgram(builder, flags);
  }

  /**
   * This program, with more operations before the one that is {@code index} here; before none, at the end.
   *
   * @param more adds them
   * @throws IndexOutOfBoundsException if {@code index} is below 0 or above the number of operations
   */
  public BirthProgram inserting(int index, Consumer<Builder> more) {
    int before = operations.size();
    var builder = new Builder(this);
    more.accept(builder);
    int added = builder.operations.size() - before;
    var appended = builder.operations.subList(before, before + added);
    var inserted = List.copyOf(appended);
    appended.clear();
    builder.operations.addAll(index, inserted);
    builder.operations.replaceAll(operation -> operation.renumbered(
        result -> result < index ? result : result < before ? result + added : result - before + index));
    return new BirthProgram(builder, flags);
  }

  int[] relocations() {
    return relocations;
  }

  byte[] sharedData() {
    return data;
  }

  /** Adds operations and data, in order. Not thread-safe. */
  public static final class Builder {
    private final List<Operation> operations = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final List<Integer> relocations = new ArrayList<>();
    private final List<String> descriptors = new ArrayList<>();
    private final List<String> slots = new ArrayList<>();
    private final Map<String, Operand.Data> strings = new HashMap<>();
    private String purpose = "";

    private Builder() {}

    private Builder(BirthProgram program) {
      operations.addAll(program.operations);
      data.writeBytes(program.data);
      Arrays.stream(program.relocations).forEach(relocations::add);
      descriptors.addAll(program.descriptors);
      slots.addAll(program.slots);
    }

    /** What the operations that follow are for, in words that fit behind "cannot": {@code "mount /tmp"}. */
    public Builder purpose(String words) {
      purpose = words;
      return this;
    }

    /** A system call by its name. Arguments are numbers, constants or operands; missing ones are 0. */
    public Operand.Result call(String name, Object... arguments) {
      return add(name, SystemCalls.number(name), 0, -1, arguments);
    }

    /** A system call in which one error is no failure. */
    public Operand.Result callTolerating(Errno tolerated, String name, Object... arguments) {
      return add(name, SystemCalls.number(name), tolerated.number(), -1, arguments);
    }

    /** A system call whose result, as 32 bits, is also put into the data: a descriptor within a structure. */
    public Operand.Result callStoring(Operand.Data target, int at, String name, Object... arguments) {
      return add(name, SystemCalls.number(name), 0, target.offset() + at, arguments);
    }

    /** Clones an embryo; its control socket is {@code control}. The result is its pid as this process sees it. */
    public Operand.Result cloneEmbryo(Operand.Data cloneArguments, Object control) {
      return add(Pseudo.CLONE, cloneArguments, cloneArguments.length(), control);
    }

    /** As {@link #cloneEmbryo}, for one that stays in the session, and the process group, of the process that clones it. */
    public Operand.Result cloneMember(Operand.Data cloneArguments, Object control) {
      return add(Pseudo.CLONE, cloneArguments, cloneArguments.length(), control, 1);
    }

    /** Sends a descriptor back with the reply. */
    public Operand.Result send(Object descriptor) {
      return add(Pseudo.SEND, descriptor);
    }

    /** Fails with ESTALE unless two stretches of the data are equal. */
    public Operand.Result compare(int offset, Operand.Data expected) {
      return add(Pseudo.COMPARE, offset, new Operand.Value(expected.offset(), expected.text()), expected.length());
    }

    /** As {@link #compare(int, Operand.Data)}, for two stretches that are both known when the program runs only. */
    public Operand.Result compare(int offset, int other, int length, String text) {
      return add(Pseudo.COMPARE, offset, new Operand.Value(other, text), length);
    }

    /** Gives a received descriptor a number, which replaces what was there. */
    public Operand.Result place(String descriptor, int number) {
      var received = received(descriptor);
      return add(Pseudo.PLACE, received, number);
    }

    /** Moves a descriptor that an earlier operation has opened to a number, where it survives an exec; replaces what was there. */
    public Operand.Result settle(Operand.Result opened, int number) {
      return add(Pseudo.SETTLE, opened, number);
    }

    /** Starts the thread that lets exactly one execveat through the filter of a listener. */
    public Operand.Result gate(Operand.Result listener) {
      return add(Pseudo.GATE, listener);
    }

    /**
     * Starts the thread that sends the launcher a listener, in a reply of its own, as soon as its number stands in {@code word},
     * which holds -1 until then. Like the gate it is the stub's second thread, so that a program has one of them.
     */
    public Operand.Result herald(Operand.Data word) {
      return add(Pseudo.HERALD, new Operand.Value(word.offset(), word.text()));
    }

    /** Writes an earlier result into the data, as decimal digits, and ends the string there; ten digits and a NUL need room. */
    public Operand.Result decimal(Operand.Result value, Operand.Data target, int at) {
      return add(Pseudo.DECIMAL, value, new Operand.Value(target.offset() + at, target.text()));
    }

    private Operand.Result add(Pseudo pseudo, Object... arguments) {
      return add(pseudo.text(), pseudo.number(), 0, -1, arguments);
    }

    private Operand.Result add(String name, int number, int tolerated, int storedAt, Object... arguments) {
      var operands = Arrays.stream(arguments).map(Operand::of).toList();
      operations.add(new Operation(name, number, operands, tolerated, storedAt, purpose));
      if (operations.size() > MAX_OPERATIONS) {
        throw new IllegalStateException(
            "a birth takes at most " + MAX_OPERATIONS + " operations; name directories instead of files");
      }
      return new Operand.Result(operations.size() - 1);
    }

    /** A descriptor that each launch supplies under this name. */
    public Operand.Received received(String name) {
      int index = descriptors.indexOf(name);
      if (index < 0) {
        index = descriptors.size();
        descriptors.add(name);
      }
      return new Operand.Received(index, name);
    }

    /** A number that each launch supplies under this name. */
    public Operand.Slot slot(String name) {
      if (!slots.contains(name)) {
        slots.add(name);
      }
      return new Operand.Slot(name);
    }

    /** A NUL-terminated string. Equal strings share their place. */
    public Operand.Data string(String text) {
      return strings.computeIfAbsent(text, this::newString);
    }

    private Operand.Data newString(String text) {
      if (text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("a NUL character in \"" + text.replace("\0", "\\0") + '"');
      }
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      return bytes(Arrays.copyOf(bytes, bytes.length + 1), '"' + text + '"');
    }

    /** Bytes at an address that is a multiple of eight; {@code text} is what a person should see for them. */
    public Operand.Data bytes(byte[] content, String text) {
      int offset = data.size();
      data.writeBytes(content);
      data.writeBytes(new byte[-content.length & 7]);
      return new Operand.Data(offset, content.length, text);
    }

    /** A structure of 64-bit words; a word that is an {@link Operand.Data} becomes its address. */
    public Operand.Data words(String text, Object... words) {
      var content = ByteBuffer.allocate(8 * words.length).order(ByteOrder.nativeOrder());
      int start = data.size();
      for (Object word : words) {
        if (word instanceof Operand.Data target) {
          relocations.add(start + content.position());
          content.putLong(target.offset());
        } else {
          content.putLong(((Number) word).longValue());
        }
      }
      return bytes(content.array(), text);
    }

    /** A NULL-terminated array of strings, as execve takes it. */
    public Operand.Data strings(List<String> texts) {
      return strings(texts, List.of());
    }

    /** As {@link #strings(List)}; {@code more} are strings that are in the data already. */
    public Operand.Data strings(List<String> texts, List<Operand.Data> more) {
      var strings = new ArrayList<Operand.Data>();
      texts.forEach(text -> strings.add(newString(text)));
      strings.addAll(more);
      var words = new ArrayList<Object>(strings);
      words.add(0);
      return words(strings.stream().map(Operand.Data::text).toList().toString(), words.toArray());
    }

    /** A program after which the process awaits the next; a failure ends the process. */
    public BirthProgram build() {
      return new BirthProgram(this, 0);
    }

    /** A program whose failure does not end the process. */
    public BirthProgram buildSurvivingFailure() {
      return new BirthProgram(this, Encoding.SURVIVE_FAILURE);
    }

    /** A program with which the process ends. */
    public BirthProgram buildFinal() {
      return new BirthProgram(this, Encoding.EXIT_AFTERWARDS);
    }
  }
}
