package dev.embryo.policy.explain;

import dev.embryo.runtime.linux.Errno;
import java.util.Optional;

/**
 * Whether a layer stands in the way of what is done with a path. Immutable.
 *
 * @param errno the error with which it fails; empty if nothing is in the way
 * @param reason because of what, in words that end a sentence
 * @param layer what sees to it; empty if nothing is in the way
 */
record PathVerdict(Optional<Errno> errno, String reason, String layer) {
  static PathVerdict allowed(String reason) {
    return new PathVerdict(Optional.empty(), reason, "");
  }

  static PathVerdict fails(Errno errno, String reason, String layer) {
    return new PathVerdict(Optional.of(errno), reason, layer);
  }
}
