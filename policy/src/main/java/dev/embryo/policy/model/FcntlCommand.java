package dev.embryo.policy.model;

import java.util.Set;

/**
 * The commands of fcntl(2) that a program can give, and the right that each takes. Not among them: F_SETOWN, F_SETOWN_EX and
 * F_SETSIG (an inherited descriptor is shared with the host, and so is its owner), F_SETLEASE (makes others wait who open a
 * file), F_NOTIFY. {@link Right#FCNTL} stands for those that a policy has to name: they change the open file, which others
 * may share.
 */
public enum FcntlCommand implements Command {
  F_DUPFD(0, Right.DUPLICATE),
  F_GETFD(1),
  F_SETFD(2), // close-on-exec is the number's, not the file's
  F_GETFL(3),
  F_SETFL(4, Right.FCNTL), // drops O_APPEND
  F_GETLK(5, Right.LOCK),
  F_SETLK(6, Right.LOCK),
  F_SETLKW(7, Right.LOCK),
  F_GETOWN(9),
  F_GETSIG(11),
  F_GETOWN_EX(16),
  F_OFD_GETLK(36, Right.LOCK),
  F_OFD_SETLK(37, Right.LOCK),
  F_OFD_SETLKW(38, Right.LOCK),
  F_GETLEASE(1025),
  F_DUPFD_QUERY(1027), // Linux 6.10
  F_CREATED_QUERY(1028), // Linux 6.12
  F_DUPFD_CLOEXEC(1030, Right.DUPLICATE),
  F_SETPIPE_SZ(1031, Right.FCNTL),
  F_GETPIPE_SZ(1032),
  F_ADD_SEALS(1033, Right.FCNTL),
  F_GET_SEALS(1034),
  F_GET_RW_HINT(1035),
  F_SET_RW_HINT(1036, Right.FCNTL),
  F_GET_FILE_RW_HINT(1037),
  F_SET_FILE_RW_HINT(1038, Right.FCNTL);

  private final int number;
  private final Set<Right> anyOf;

  FcntlCommand(int number, Right... anyOf) {
    this.number = number;
    this.anyOf = Command.rights(anyOf);
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public Set<Right> anyOf() {
    return anyOf;
  }
}
