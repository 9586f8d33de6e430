package dev.embryo.policy.parse;

import java.util.Optional;

/** The type of a key that is not supported yet: known by its words alone. */
record LaterType(String expects) implements ValueType<Object> {
  @Override
  public Optional<Object> read(Field field) {
    return field.refuse("is not supported yet");
  }
}
