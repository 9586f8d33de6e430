package dev.embryo.policy.model;

import java.util.Set;

/**
 * The commands of ioctl(2) that a program can give, and the right that each takes; a list of what is allowed, because nobody
 * can list the rest: TIOCSTI, TIOCLINUX and, on a console, KDSKBSENT put words into the mouth of the terminal's user
 * (CVE-2017-5226, CVE-2019-7303), TIOCSCTTY, TIOCSETD and TIOCGPTPEER change what a terminal is, FIOSETOWN and SIOCSPGRP are
 * F_SETOWN, and every driver has its own. {@link Right#IOCTL} stands for those that a policy has to name.
 */
public enum IoctlCommand implements Command {
  TCGETS(0x5401),
  TCSETS(0x5402, Right.ATTRIBUTES),
  TCSETSW(0x5403, Right.ATTRIBUTES),
  TCSETSF(0x5404, Right.ATTRIBUTES),
  TCGETA(0x5405),
  TCSETA(0x5406, Right.ATTRIBUTES),
  TCSETAW(0x5407, Right.ATTRIBUTES),
  TCSETAF(0x5408, Right.ATTRIBUTES),
  TCSBRK(0x5409, Right.ATTRIBUTES),
  TCXONC(0x540a, Right.ATTRIBUTES),
  TCFLSH(0x540b, Right.ATTRIBUTES),
  TIOCGPGRP(0x540f),
  TIOCSPGRP(0x5410, Right.ATTRIBUTES),
  TIOCOUTQ(0x5411),
  TIOCGWINSZ(0x5413, Right.WINDOW_SIZE),
  FIONREAD(0x541b, Right.READ, Right.POLL),
  FIONBIO(0x5421, Right.IOCTL), // F_SETFL by another name
  TIOCNOTTY(0x5422),
  TIOCGETD(0x5424),
  TCSBRKP(0x5425, Right.ATTRIBUTES),
  TIOCGSID(0x5429),
  TCGETS2(0x802c_542a),
  TCSETS2(0x402c_542b, Right.ATTRIBUTES),
  TCSETSW2(0x402c_542c, Right.ATTRIBUTES),
  TCSETSF2(0x402c_542d, Right.ATTRIBUTES),
  FIONCLEX(0x5450),
  FIOCLEX(0x5451),
  FIOQSIZE(0x5460, Right.STAT),
  FIGETBSZ(0x2, Right.STAT),
  FS_IOC_GETFLAGS(0x8008_6601, Right.STAT),
  FS_IOC_SETFLAGS(0x4008_6602, Right.METADATA),
  FS_IOC_GETVERSION(0x8008_7601, Right.STAT),
  FS_IOC_FSGETXATTR(0x801c_581f, Right.STAT),
  FS_IOC_FIEMAP(0xc020_660b, Right.STAT),
  FICLONE(0x4004_9409, Right.WRITE), // from the descriptor in its third argument, which has to be readable
  FICLONERANGE(0x4020_940d), // from a descriptor behind a pointer, and so for nobody where rights are withheld
  FIDEDUPERANGE(0xc018_9436), // likewise
  RNDGETENTCNT(0x8004_5200, Right.STAT),
  BLKSSZGET(0x1268, Right.STAT),
  BLKGETSIZE64(0x8008_1272, Right.STAT);

  private final int number;
  private final Set<Right> anyOf;

  IoctlCommand(int number, Right... anyOf) {
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
