package dev.embryo.policy.parse;

import java.util.Map;
import java.util.Optional;

/** The type of a key that is not supported yet: known by its words alone. */
record LaterType(String expects) implements ValueType<Object> {
  @Override
  public String values() {
    return expects;
  }

  @Override
  public Schema schema() {
    return new Schema(Map.of("not", Map.of()));
  }

  @Override
  public Optional<Object> read(Field field) {
    return field.refuse("is not supported yet");
  }

  @Override
  public String write(Object meaning) {
    throw new IllegalStateException("nothing is ever read by this type");
  }
}
