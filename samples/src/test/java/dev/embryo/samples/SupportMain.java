package dev.embryo.samples;

import dev.embryo.launcher.Sandbox;

/** Asks the library what this host offers, in a JVM of its own. */
final class SupportMain {
  private SupportMain() {}

  public static void main(String[] arguments) {
    var support = Sandbox.support();
    System.out.println(support.verdict());
    System.out.println(support);
  }
}
