package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;
import java.util.HashMap;
import java.util.Map;

/**
 * What one launch gives to a birth program: descriptors and numbers, by the names that the program uses. The descriptors
 * stay the caller's, and have to be open until the launch returns. Not thread-safe.
 */
public final class Supplies {
  private final Map<String, Fd> descriptors = new HashMap<>();
  private final Map<String, Long> values = new HashMap<>();

  /** Supplies a descriptor. */
  public Supplies descriptor(String name, Fd descriptor) {
    descriptors.put(name, descriptor);
    return this;
  }

  /** Supplies a number. */
  public Supplies value(String name, long value) {
    values.put(name, value);
    return this;
  }

  int[] descriptorsFor(BirthProgram program) {
    return program.descriptors().stream().mapToInt(name -> required(descriptors, name).number()).toArray();
  }

  /** These, and one more, which stays out of this object: it belongs to one launch, and this may serve many. */
  int[] descriptorsFor(BirthProgram program, String name, Fd descriptor) {
    return program.descriptors().stream()
        .mapToInt(wanted -> (wanted.equals(name) ? descriptor : required(descriptors, wanted)).number())
        .toArray();
  }

  /** Takes over what another has. */
  Supplies addAll(Supplies other) {
    descriptors.putAll(other.descriptors);
    values.putAll(other.values);
    return this;
  }

  long[] valuesFor(BirthProgram program) {
    return program.slots().stream().mapToLong(name -> required(values, name)).toArray();
  }

  private static <T> T required(Map<String, T> supplied, String name) {
    T found = supplied.get(name);
    if (found == null) {
      throw new IllegalArgumentException("the birth program needs '" + name + "', which was not supplied");
    }
    return found;
  }
}
