package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;

/** The kinds of namespaces that an embryo can have of its own; see namespaces(7). */
public enum Namespace {
  USER(Constant.CLONE_NEWUSER),
  PID(Constant.CLONE_NEWPID),
  MOUNT(Constant.CLONE_NEWNS),
  NETWORK(Constant.CLONE_NEWNET),
  IPC(Constant.CLONE_NEWIPC),
  UTS(Constant.CLONE_NEWUTS),
  CGROUP(Constant.CLONE_NEWCGROUP);

  private final Constant flag;

  Namespace(Constant flag) {
    this.flag = flag;
  }

  /** The flag of clone(2) and unshare(2). */
  public Constant flag() {
    return flag;
  }
}
