package dev.embryo.samples;

import java.io.IOException;
import java.util.List;

/**
 * Something that the host moves to and fro while the program uses it.
 *
 * @param one what the host exchanges
 * @param other for what
 * @param held where the program is
 * @param inside what it reads of its own, which is there at one time and not at another
 * @param outside what it tries to read
 */
record EscapeRace(String name, String one, String other, String held, String inside, String outside) {
  /** All of them. */
  static final List<EscapeRace> ALL = Table.rows("""
      # name                              | exchanged     | for              | held            | inside            | outside
      moved out and in                    | in:racing     | OUTER/racing     | in:racing/inner | ../../mine        | ../../outside/secret
      moved out and in, from beneath      | in:racing     | OUTER/racing     | in:racing/inner/core | ../../../mine | ../../../outside/secret
      moved deeper and back               | in:deep/inner | in:racing        | in:racing       | ../mine           | ../../outside/secret
      directory and a climbing link       | in:swapped    | in:swapped-climbing | in:folder/deep | in:swapped/secret | in:swapped/../outside/secret
      directory and an absolute link      | in:swapped    | in:swapped-absolute | in:folder/deep | in:swapped/secret | in:swapped/../outside/secret
      file and a climbing link            | in:file       | in:file-climbing | in:folder/deep  | in:file           | in:file
      """).map(row -> new EscapeRace(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))).toList();

  /** What is exchanged, and what the program holds. */
  static void make(EscapeTree tree) throws IOException {
    for (String directory : List.of("racing", "racing/inner", "racing/inner/core", "granted/racing", "granted/racing/inner",
        "granted/racing/inner/core", "granted/deep", "granted/deep/inner", "granted/swapped")) {
      tree.directory(directory);
    }
    tree.file("granted/swapped/secret", "inside");
    tree.file("granted/file", "inside");
    tree.link("granted/swapped-climbing", "../outside");
    tree.link("granted/swapped-absolute", tree.outer() + "/outside");
    tree.link("granted/file-climbing", "../outside/secret");
  }

  /** What the host does, as a line of a script. */
  String hostLine() {
    return "swap-to-and-fro " + one + ' ' + other;
  }

  /** What the program does. */
  String line(int tries) {
    return "open " + held + "; race " + tries + ' ' + inside + ' ' + outside + " outside/secret";
  }

  @Override
  public String toString() {
    return name;
  }
}
