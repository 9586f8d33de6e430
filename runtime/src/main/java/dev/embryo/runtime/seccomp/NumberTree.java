package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.seccomp.DecisionGraph.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * A search tree over call numbers, which finds the steps that answer each.
 *
 * <p>Neighbouring numbers with one answer are one leaf, and a single number among such is told apart in it, so the tree is
 * a fraction of what a library makes that tests number by number. That matters at every launch: when the kernel takes a
 * filter it translates it, compiles it, and tries it on every number.
 */
final class NumberTree {
  /** So many numbers are told apart within a leaf: with more it would be deeper than a tree. */
  private static final int MOST_EXCEPTIONS = 3;

  /** Numbers with one answer, up to the next stretch's first. */
  private record Stretch(int first, Step step) {}

  /**
   * Numbers up to the next leaf's first.
   *
   * @param step the answer of all others
   * @param exceptions single numbers, with their answers
   */
  private record Leaf(int first, Step step, List<Stretch> exceptions) {}

  private final DecisionGraph graph;
  private final List<Leaf> leaves;

  private NumberTree(DecisionGraph graph, List<Leaf> leaves) {
    this.graph = graph;
    this.leaves = leaves;
  }

  /**
   * The first step of the tree, which expects the call number to be loaded.
   *
   * @param answers the first step for each number from 0 on; those above arrive nowhere in particular
   */
  static Step of(DecisionGraph graph, List<Step> answers) {
    var leaves = leaves(stretches(answers));
    return new NumberTree(graph, leaves).node(0, leaves.size());
  }

  private static List<Stretch> stretches(List<Step> answers) {
    var stretches = new ArrayList<Stretch>();
    for (int number = 0; number < answers.size(); number++) {
      if (number == 0 || answers.get(number) != answers.get(number - 1)) {
        stretches.add(new Stretch(number, answers.get(number)));
      }
    }
    return stretches;
  }

  private static List<Leaf> leaves(List<Stretch> stretches) {
    var leaves = new ArrayList<Leaf>();
    for (int at = 0; at < stretches.size(); at++) {
      var leaf = new Leaf(stretches.get(at).first(), stretches.get(at).step(), new ArrayList<>());
      while (leaf.exceptions().size() < MOST_EXCEPTIONS && at + 2 < stretches.size()
          && stretches.get(at + 1).first() + 1 == stretches.get(at + 2).first()
          && stretches.get(at + 2).step() == leaf.step()) {
        leaf.exceptions().add(stretches.get(at + 1));
        at += 2;
      }
      leaves.add(leaf);
    }
    return leaves;
  }

  private Step node(int from, int to) {
    if (to - from == 1) {
      var step = leaves.get(from).step();
      for (Stretch exception : leaves.get(from).exceptions()) {
        step = graph.test(Instruction.JEQ, exception.first(), exception.step(), step);
      }
      return step;
    }
    int middle = (from + to) / 2;
    return graph.test(Instruction.JGE, leaves.get(middle).first(), node(middle, to), node(from, middle));
  }
}
