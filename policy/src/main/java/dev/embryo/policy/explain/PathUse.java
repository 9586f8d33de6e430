package dev.embryo.policy.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a system call does with a path in one of its arguments. A table: a row for each path of each call that takes one and
 * that a program may make.
 *
 * @param directory the argument with the descriptor at which a relative path begins; {@link #WORKING_DIRECTORY} for none
 * @param path the argument that is the path
 * @param deed what is done there
 * @param flags the argument on which that depends; {@link #NONE} for none
 */
record PathUse(int directory, int path, Deed deed, int flags) {
  static final int WORKING_DIRECTORY = -1;
  static final int NONE = -1;

  /** What is done with what a path leads to. */
  enum Deed {
    /** Asked what it is. */
    LOOK,
    /** Likewise; a link at the end is not followed. */
    LOOK_AT_LINK,
    /** Asked what it is, followed unless the flags say {@code AT_SYMLINK_NOFOLLOW}. */
    LOOK_AS_FLAGGED,
    /** Asked what the program's user may do with it. */
    ASK,
    ENTER,
    READ_LINK,
    WATCH,
    OPEN,
    CREATE,
    TRUNCATE,
    EXECUTE,
    /** Its mode, owner, times or attributes are changed. */
    CHANGE,
    CHANGE_LINK,
    MAKE_DIRECTORY,
    MAKE_NODE,
    MAKE_LINK,
    REMOVE,
    REMOVE_DIRECTORY,
    MOVE_FROM,
    MOVE_TO,
    LINK_FROM,
    LINK_TO
  }

  private static final Map<String, List<PathUse>> ROWS = new HashMap<>();

  // formatter:off (the calls, the deed, the directory or -, the path, the flags or -)
  static {
    rows("stat statfs getxattr listxattr",         "LOOK              - 0 -");
    rows("lstat lgetxattr llistxattr",             "LOOK_AT_LINK      - 0 -");
    rows("newfstatat",                             "LOOK_AS_FLAGGED   0 1 3");
    rows("statx",                                  "LOOK_AS_FLAGGED   0 1 2");
    rows("access",                                 "ASK               - 0 1");
    rows("faccessat faccessat2",                   "ASK               0 1 2");
    rows("chdir",                                  "ENTER             - 0 -");
    rows("readlink",                               "READ_LINK         - 0 -");
    rows("readlinkat",                             "READ_LINK         0 1 -");
    rows("inotify_add_watch",                      "WATCH             - 1 -");
    rows("open",                                   "OPEN              - 0 1");
    rows("openat",                                 "OPEN              0 1 2");
    rows("creat",                                  "CREATE            - 0 -");
    rows("truncate",                               "TRUNCATE          - 0 -");
    rows("execve",                                 "EXECUTE           - 0 -");
    rows("execveat",                               "EXECUTE           0 1 -");
    rows("chmod chown utime utimes",               "CHANGE            - 0 -");
    rows("setxattr removexattr",                   "CHANGE            - 0 -");
    rows("lchown lsetxattr lremovexattr",          "CHANGE_LINK       - 0 -");
    rows("fchmodat fchmodat2 fchownat futimesat",  "CHANGE            0 1 -");
    rows("utimensat",                              "CHANGE            0 1 -");
    rows("mkdir",                                  "MAKE_DIRECTORY    - 0 -");
    rows("mkdirat",                                "MAKE_DIRECTORY    0 1 -");
    rows("mknod",                                  "MAKE_NODE         - 0 1");
    rows("mknodat",                                "MAKE_NODE         0 1 2");
    rows("symlink",                                "MAKE_LINK         - 1 -");
    rows("symlinkat",                              "MAKE_LINK         1 2 -");
    rows("unlink",                                 "REMOVE            - 0 -");
    rows("unlinkat",                               "REMOVE            0 1 2");
    rows("rmdir",                                  "REMOVE_DIRECTORY  - 0 -");
    rows("rename",                                 "MOVE_FROM         - 0 -", "MOVE_TO           - 1 -");
    rows("renameat renameat2",                     "MOVE_FROM         0 1 -", "MOVE_TO           2 3 -");
    rows("link",                                   "LINK_FROM         - 0 -", "LINK_TO           - 1 -");
    rows("linkat",                                 "LINK_FROM         0 1 4", "LINK_TO           2 3 -");
  }
  // formatter:on

  private static void rows(String calls, String... uses) {
    var row = new ArrayList<PathUse>();
    for (String use : uses) {
      String[] words = use.split(" +");
      row.add(new PathUse(argument(words[1]), argument(words[2]), Deed.valueOf(words[0]), argument(words[3])));
    }
    for (String call : calls.split(" ")) {
      ROWS.put(call, List.copyOf(row));
    }
  }

  private static int argument(String word) {
    return word.equals("-") ? NONE : Integer.parseInt(word);
  }

  /** What a call does with paths; nothing for a call that takes none. */
  static List<PathUse> of(String call) {
    return ROWS.getOrDefault(call, List.of());
  }
}
