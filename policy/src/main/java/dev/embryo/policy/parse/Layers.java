package dev.embryo.policy.parse;

import dev.embryo.policy.model.Isolation.Layer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A list of layers, from which namespaces alone may be left out: nothing else does what the other two do.
 *
 * @param list how the list is written
 */
record Layers(ValueType<List<Layer>> list) implements ValueType<List<Layer>> {

  private static final Set<Layer> NEEDED = EnumSet.of(Layer.LANDLOCK, Layer.SECCOMP);
  private static final String REFUSAL = "'landlock' and 'seccomp' cannot be left out: without them nothing keeps files"
      + " and system calls from the program; 'namespaces' can";

  @Override
  public String expects() {
    return list.expects();
  }

  @Override
  public String values() {
    return "`[namespaces, landlock, seccomp]` or `[landlock, seccomp]`";
  }

  @Override
  public Schema schema() {
    return list.schema();
  }

  @Override
  public Optional<List<Layer>> read(Field field) {
    Optional<List<Layer>> layers = list.read(field);
    return layers.isPresent() && !layers.get().containsAll(NEEDED) ? field.refuse(REFUSAL) : layers;
  }

  @Override
  public String write(List<Layer> meaning) {
    return list.write(meaning);
  }
}
