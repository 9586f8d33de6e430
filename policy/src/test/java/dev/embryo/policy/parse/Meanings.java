package dev.embryo.policy.parse;

import dev.embryo.policy.model.Places;
import dev.embryo.policy.model.Position;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What records mean, whatever the places they came from: to compare policies that were written differently. */
final class Meanings {

  private Meanings() {}

  /** The values in it, in order, without places. */
  static Object of(Object value) {
    if (value instanceof Record record) {
      List<Object> parts = new ArrayList<>(List.of(record.getClass().getSimpleName()));
      Arrays.stream(record.getClass().getRecordComponents())
          .filter(part -> part.getType() != Position.class && part.getType() != Places.class)
          .forEach(part -> parts.add(part.getName() + "=" + of(get(record, part))));
      return parts;
    }
    if (value instanceof Map<?, ?> map) {
      List<Object> entries = new ArrayList<>(); // a list: the order of capabilities and variables matters
      map.forEach((key, entry) -> entries.add(List.of(key, of(entry))));
      return entries;
    }
    return value instanceof List<?> list ? list.stream().map(Meanings::of).toList() : value;
  }

  private static Object get(Record record, RecordComponent part) {
    try {
      return part.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
