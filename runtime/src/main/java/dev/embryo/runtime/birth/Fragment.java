package dev.embryo.runtime.birth;

/** A part of a birth program: adds its operations to a program that is being built. */
@FunctionalInterface
public interface Fragment {
  /** No operations. */
  Fragment NONE = program -> {};

  void addTo(BirthProgram.Builder program);

  /** This part, then another. */
  default Fragment then(Fragment next) {
    return program -> {
      addTo(program);
      next.addTo(program);
    };
  }
}
