package dev.embryo.policy.compile;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a program may do beyond the system calls that every program has: a set of {@link Feature}. Programs with equal
 * features have the same surface filter.
 *
 * <p>Immutable and thread-safe.
 */
public final class SurfaceFeatures {
  /** One thread, no children, no just-in-time compiler, the separate gate, and namespaces of its own. */
  public static final SurfaceFeatures LEAST =
      of(Feature.EXEC_GATE, Feature.OWN_PIDS, Feature.OWN_IPC, Feature.OWN_ROOT, Feature.RULED_TRUNCATION);

  private final Set<Feature> features;

  private SurfaceFeatures(Collection<Feature> features) {
    var copy = EnumSet.noneOf(Feature.class);
    copy.addAll(features);
    this.features = Collections.unmodifiableSet(copy);
  }

  /** Exactly these features. */
  public static SurfaceFeatures of(Feature... features) {
    return new SurfaceFeatures(Arrays.asList(features));
  }

  /** These features and another. */
  public SurfaceFeatures with(Feature feature) {
    return with(feature, true);
  }

  /** These features, and another if it is {@code granted}. */
  public SurfaceFeatures with(Feature feature, boolean granted) {
    if (!granted) {
      return this;
    }
    var more = EnumSet.of(feature);
    more.addAll(features);
    return new SurfaceFeatures(more);
  }

  /** These features without another. */
  public SurfaceFeatures without(Feature feature) {
    var fewer = EnumSet.copyOf(List.of(Feature.values()));
    fewer.retainAll(features);
    fewer.remove(feature);
    return new SurfaceFeatures(fewer);
  }

  /** Whether these features hold {@code feature}. */
  public boolean hold(Feature feature) {
    return features.contains(feature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SurfaceFeatures that && features.equals(that.features);
  }

  /** The same in every JVM, as that of an enum constant is not. */
  @Override
  public int hashCode() {
    int bits = 0;
    for (Feature feature : features) {
      bits |= 1 << feature.ordinal();
    }
    return bits;
  }

  @Override
  public String toString() {
    return features.toString();
  }
}
