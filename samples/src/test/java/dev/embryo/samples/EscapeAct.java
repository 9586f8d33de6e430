package dev.embryo.samples;

import java.util.List;
import java.util.Set;

/**
 * What is tried at a place that a way has led to, and what becomes of it where the place can be named at all.
 *
 * @param script a step of the program {@code escape}, in which TO stands for the place
 * @param stranger outside of every grant, without namespaces; behind a slash, where everything is granted that lies within
 * @param reader in the place itself where it is granted for reading, with namespaces
 * @param readerWithout the same without namespaces
 * @param writer in the place itself where everything is granted, with namespaces; without, metadata stays as it is
 */
record EscapeAct(String script, String stranger, String reader, String readerWithout, String writer) {
  private static final Set<String> FOLLOWING =
      Set.of("read", "stat", "write", "truncate", "create", "link-followed", "change-mode", "touch");

  /** All of them. What Landlock does not see is 'ok' in the first column: docs/hosts.md says that it stays visible. */
  static final List<EscapeAct> ALL = Table.rows("""
      # act                          | stranger without | reader | without | writer
      read TO/secret                 | EACCES           | ok     | ok      | ok
      list TO                        | EACCES           | ok     | ok      | ok
      stat TO/secret                 | ok               | ok     | ok      | ok
      read-link TO/link              | ok               | ok     | ok      | ok
      open TO                        | ok               | ok     | ok      | ok
      open TO/empty; up 1            | ok               | ok     | ok      | ok
      open TO; fchdir; read secret   | EACCES           | ok     | ok      | ok
      open-reading TO                | EACCES           | ok     | ok      | ok
      write TO/written               | EACCES           | EROFS  | EACCES  | ok
      truncate TO/written            | EACCES           | EROFS  | EACCES  | ok
      make-file TO/new               | EACCES           | EROFS  | EACCES  | ok
      create TO/new                  | EACCES           | EROFS  | EACCES  | ok
      mkdir TO/new                   | EACCES           | EROFS  | EACCES  | ok
      make-fifo TO/new               | EACCES           | EROFS  | EACCES  | ok
      symlink secret TO/new          | EACCES           | EROFS  | EACCES  | ok
      remove TO/removed              | EACCES           | EROFS  | EACCES  | ok
      remove-directory TO/empty      | EACCES           | EROFS  | EACCES  | ok
      rename TO/renamed TO/new       | EACCES           | EROFS  | EACCES  | ok
      rename TO/renamed in:new       | EACCES           | EROFS  | EACCES  | ok
      rename in:mine TO/new          | EACCES           | EROFS  | EACCES  | ok
      exchange in:mine TO/renamed    | EACCES           | EROFS  | EACCES  | ok
      link TO/renamed TO/new         | EACCES           | EROFS  | EACCES  | ok
      link TO/renamed in:new         | EACCES/EXDEV     | EROFS  | EACCES  | ok
      link in:mine TO/new            | EACCES           | EROFS  | EACCES  | ok
      link-followed TO/renamed in:new | EACCES/EXDEV    | EROFS  | EACCES  | ok
      link-opened TO/renamed in:new  | EACCES/EXDEV     | EROFS  | EACCES  | ok
      change-mode TO/secret          | EPERM            | EROFS  | EPERM   | ok
      touch TO/written               | EPERM            | EROFS  | EPERM   | ok
      """).map(row -> new EscapeAct(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).toList();

  String at(String place) {
    return script.replace("TO", place);
  }

  /** Whether the kernel follows a link that the last part of the path is. */
  boolean follows() {
    return FOLLOWING.contains(script.split(" ")[0]) && script.contains(" TO/") && !script.contains(";");
  }

  /** Whether it takes something from the place to the granted directory, or the other way. */
  boolean crosses() {
    return script.contains("in:");
  }

  boolean moves() {
    return script.startsWith("rename") || script.startsWith("exchange");
  }

  /** What becomes of it at a place that can be named, but not opened. */
  String stranger(boolean writable) {
    var answers = stranger.split("/");
    return answers[writable ? answers.length - 1 : 0];
  }

  /** What becomes of it without a sandbox. A link to what is open takes Linux 6.10, or privilege. */
  String unconfined(EscapeRoute route) {
    boolean otherMount = route.needs(EscapeRoute.Need.PRIVILEGE) && crosses();
    return EscapeSetting.ANY_STEP + "ok" + (otherMount ? "/EXDEV" : "") + (script.startsWith("link-opened") ? "/ENOENT" : "");
  }

  boolean changesMetadata() {
    return script.startsWith("change-mode") || script.startsWith("touch");
  }
}
