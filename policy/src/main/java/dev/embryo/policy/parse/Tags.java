package dev.embryo.policy.parse;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The tags by which the structured arguments say what a value is. */
enum Tags {
  FD("!fd"),
  FILE("!file"),
  DIRECTORY("!directory"),
  SOCKET("!socket"),
  STR("!!str"),
  INT("!!int"),
  FLOAT("!!float"),
  BOOL("!!bool"),
  NULL("!!null"),
  BINARY("!!binary"),
  TIMESTAMP("!!timestamp"),
  MAP("!!map"),
  SEQ("!!seq");

  private static final String OF_YAML = "tag:yaml.org,2002:";
  private static final String OF_CLOUDABI = "tag:nuxi.nl,2015:cloudabi/";

  private final String text;

  Tags(String text) {
    this.text = text;
  }

  /** How it is written. */
  String text() {
    return text;
  }

  /** The tag, if it is one of these. */
  static Optional<Tags> of(String written) {
    return Arrays.stream(values()).filter(tag -> tag.text.equals(written)).findFirst();
  }

  /** How all of them are written. */
  static List<String> texts() {
    return Arrays.stream(values()).map(Tags::text).toList();
  }

  /** How a tag is written, of which YAML tells the name in full. */
  static String shortened(String name) {
    return name.startsWith(OF_YAML) ? "!!" + name.substring(OF_YAML.length())
        : name.startsWith(OF_CLOUDABI) ? "!" + name.substring(OF_CLOUDABI.length())
        : name;
  }
}
