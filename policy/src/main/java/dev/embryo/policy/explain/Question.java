package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.compile.Surface;
import dev.embryo.policy.compile.SurfaceRow;
import dev.embryo.policy.model.Nearest;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.CallSignature.Kind;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A system call that a person asks about. Immutable.
 *
 * @param call its name; empty for a number that has none here
 * @param data what a filter would see of it; where the kernel expects an address of the program's, the address of something
 * @param texts the arguments that are texts, by position; a text that was not told is missing
 */
public record Question(String call, SeccompData data, Map<Integer, String> texts) {
  private static final int MOST_ARGUMENTS = 6;

  /** Where texts and other things would be in the memory of the program, which no filter looks into. */
  private static final long SOMEWHERE = 0x7e00_0000_0000L;

  private static final long PAGE = 0x1000;
  private static final int AT_FDCWD = -100;
  private static final Pattern NUMBER = Pattern.compile("(-?)(0[xX][0-9a-fA-F]+|[0-9]+)");
  private static final Map<String, Long> CONSTANTS = Map.of("AT_FDCWD", (long) AT_FDCWD, "NULL", 0L);

  /** Keeps a copy of the texts. */
  public Question {
    texts = Collections.unmodifiableMap(new TreeMap<>(texts));
  }

  /**
   * Reads a question. An argument is a number (decimal, {@code 0x}, octal with a leading 0), the C names of constants joined by
   * {@code |}, the name of a capability that is a descriptor, or, where the call takes one, a text. {@code ...} is the address of
   * something, and so are addresses that are left out at the end; other arguments that are left out are 0.
   *
   * @param call the name or number of the call
   * @throws QuestionException if there is no such call or argument
   */
  public static Question of(CompiledPolicy compiled, String call, List<String> words) throws QuestionException {
    var architecture = Architecture.valueOf(compiled.resolved().program().elf().machine().name());
    var number = number(call);
    int called = number.isPresent() ? (int) number.getAsLong() : callNumber(call);
    String name = number.isPresent() ? SystemCalls.name(called).orElse("") : call;
    var signature = CallSignature.of(name);
    int most = signature.map(CallSignature::count).orElse(MOST_ARGUMENTS);
    if (words.size() > most) {
      throw new QuestionException(call + " takes " + (most == 0 ? "no arguments" : most == 1 ? "one argument" : most + " arguments")
          + ", not " + words.size());
    }
    var texts = new HashMap<Integer, String>();
    var values = new ArrayList<Long>();
    for (int i = 0; i < most; i++) {
      var kind = signature.isPresent() ? signature.get().kind(i) : Kind.WIDE;
      if (i >= words.size()) {
        values.add(kind == Kind.POINTER || kind == Kind.STRING ? address(i) : 0L);
      } else if (kind == Kind.STRING && !words.get(i).equals("NULL") && !words.get(i).equals("...")) {
        texts.put(i, words.get(i));
        values.add(address(i));
      } else {
        values.add(words.get(i).equals("...") ? address(i) : new Argument(compiled, name, i).value(words.get(i)));
      }
    }
    return new Question(name, new SeccompData(called, architecture.token(), 0, values), texts);
  }

  /** The call with its arguments, as strace(1) writes them. */
  @Override
  public String toString() {
    return call.isEmpty() ? "system call " + data.number() : CallText.of(call, data, this::text);
  }

  private Optional<byte[]> text(long address) {
    return Optional.ofNullable(texts.get((int) ((address - SOMEWHERE) / PAGE))).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static long address(int argument) {
    return SOMEWHERE + argument * PAGE;
  }

  private static int callNumber(String name) throws QuestionException {
    OptionalInt number = SystemCalls.find(name);
    if (number.isPresent()) {
      return number.getAsInt();
    }
    var known = Surface.rows().stream().map(SurfaceRow::call).toList();
    throw new QuestionException(known.contains(name)
        ? "the libseccomp of this host does not know '" + name + "'; a number may stand in its place"
        : "there is no system call '" + name + "'" + Nearest.hint(name, known));
  }

  /** The 64 bits of a number; empty for a word that is none. */
  private static OptionalLong number(String word) throws QuestionException {
    var matcher = NUMBER.matcher(word);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String digits = matcher.group(2);
    boolean hexadecimal = digits.length() > 1 && Character.toLowerCase(digits.charAt(1)) == 'x';
    boolean octal = !hexadecimal && digits.length() > 1 && digits.charAt(0) == '0';
    try {
      var value = hexadecimal ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits, octal ? 8 : 10);
      value = matcher.group(1).isEmpty() ? value : value.negate();
      if (value.signum() < 0 ? value.bitLength() >= Long.SIZE : value.bitLength() > Long.SIZE) {
        throw new QuestionException("'" + word + "' has more than 64 bits");
      }
      return OptionalLong.of(value.longValue());
    } catch (NumberFormatException octalWithEights) {
      return OptionalLong.empty();
    }
  }

  /** One argument that is no text. */
  private record Argument(CompiledPolicy compiled, String call, int position) {

    long value(String word) throws QuestionException {
      long value = 0;
      for (String part : word.split("\\|", -1)) {
        value |= part(part);
      }
      return value;
    }

    private long part(String word) throws QuestionException {
      var number = number(word);
      if (number.isPresent()) {
        return number.getAsLong();
      }
      var words = ArgumentWords.of(call, position);
      var constant = words.map(each -> each.value(word)).orElse(OptionalLong.empty());
      if (constant.isPresent()) {
        return constant.getAsLong();
      }
      var everywhere = CONSTANTS.get(word);
      var slot = compiled.descriptors().stream().filter(each -> each.capability().equals(word)).findFirst();
      if (everywhere != null) {
        return everywhere;
      } else if (isDescriptor() && slot.isPresent()) {
        return slot.get().number();
      }
      throw new QuestionException("arg" + position + (call.isEmpty() ? "" : " of " + call) + ": '" + word + "' is " + unknown()
          + Nearest.hint(word, candidates(words)));
    }

    private boolean isDescriptor() {
      var signature = CallSignature.of(call);
      return signature.isPresent() && signature.get().kind(position) == Kind.DESCRIPTOR;
    }

    private String unknown() {
      return isDescriptor() ? "no number, and no capability of the policy that is a descriptor"
          : "no number" + (ArgumentWords.of(call, position).isPresent() ? ", and no constant that is known here" : "");
    }

    private List<String> candidates(Optional<ArgumentWords> words) {
      var candidates = new ArrayList<>(words.map(each -> List.copyOf(each.known())).orElse(List.of()));
      if (isDescriptor()) {
        compiled.descriptors().stream().map(DescriptorSlot::capability).forEach(candidates::add);
      }
      return candidates;
    }
  }
}
