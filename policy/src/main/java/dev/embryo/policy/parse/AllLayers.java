package dev.embryo.policy.parse;

import dev.embryo.policy.model.Isolation.Layer;
import java.util.List;
import java.util.Optional;

/**
 * A list of layers that must name them all: running without one of them is not supported yet.
 *
 * @param list how the list is written
 */
record AllLayers(ValueType<List<Layer>> list) implements ValueType<List<Layer>> {

  @Override
  public String expects() {
    return list.expects();
  }

  @Override
  public String values() {
    return "`[namespaces, landlock, seccomp]`, all three";
  }

  @Override
  public Optional<List<Layer>> read(Field field) {
    Optional<List<Layer>> layers = list.read(field);
    return layers.isPresent() && layers.get().size() < Layer.values().length
        ? field.refuse("fewer than [namespaces, landlock, seccomp] is not supported yet")
        : layers;
  }

  @Override
  public String write(List<Layer> meaning) {
    return list.write(meaning);
  }
}
