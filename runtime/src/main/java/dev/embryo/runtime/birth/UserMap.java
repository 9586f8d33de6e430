package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.nio.charset.StandardCharsets;

/**
 * Gives the launcher's own user and group another number inside a new user namespace; see user_namespaces(7). The first
 * process of the namespace writes its own maps, which an ordinary user may do for one identity, its own.
 *
 * @param insideUser what the user is inside
 * @param insideGroup what the group is inside
 * @param user the launcher's user
 * @param group the launcher's group
 */
public record UserMap(int insideUser, int insideGroup, int user, int group) implements Fragment {
  @Override
  public void addTo(BirthProgram.Builder program) {
    program.purpose("map the user into its namespace");
    write(program, "/proc/self/setgroups", "deny");
    write(program, "/proc/self/uid_map", insideUser + " " + user + " 1");
    write(program, "/proc/self/gid_map", insideGroup + " " + group + " 1");
  }

  private static void write(BirthProgram.Builder program, String path, String text) {
    var opened = program.call("openat", Constant.AT_FDCWD, program.string(path),
        Constant.or(Constant.O_WRONLY, Constant.O_CLOEXEC));
    var content = program.bytes(text.getBytes(StandardCharsets.US_ASCII), '"' + text + '"');
    program.call("write", opened, content, content.length());
  }
}
