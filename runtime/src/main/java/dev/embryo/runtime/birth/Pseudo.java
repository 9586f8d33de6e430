package dev.embryo.runtime.birth;

/** Operations of the stub that are not system calls; see {@code enum pseudo} in {@code embryo.c}. */
enum Pseudo {
  CLONE("@clone"),
  SEND("@send"),
  COMPARE("@compare"),
  PLACE("@place"),
  GATE("@gate"),
  HERALD("@herald"),
  DECIMAL("@decimal"),
  SETTLE("@settle");

  private static final int FIRST = 0x80000000;

  private final String text;

  Pseudo(String text) {
    this.text = text;
  }

  int number() {
    return FIRST + ordinal();
  }

  String text() {
    return text;
  }
}
