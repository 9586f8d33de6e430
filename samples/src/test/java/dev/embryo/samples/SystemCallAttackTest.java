package dev.embryo.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * System calls that make authority, reach other processes or the less trodden parts of the kernel. Each line is an act of
 * the probe and what it answers in a sandbox, whether or not the policy lets it make processes. What no policy can grant
 * yet is shown to be possible outside.
 */
class SystemCallAttackTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # Sockets, of every family that somebody has attacked from a sandbox.
      socket unix                   | EPERM
      socket inet                   | EPERM
      socket inet6                  | EPERM
      socket netlink                | EPERM
      socket packet                 | EPERM
      socket vsock                  | EPERM
      socket alg                    | EPERM
      socket key                    | EPERM
      socket can                    | EPERM
      socket tipc                   | EPERM
      socket bluetooth              | EPERM
      socket xdp                    | EPERM
      socket qipcrtr                | EPERM
      socket rds                    | EPERM
      socket smc                    | EPERM
      socketpair                    | EPERM
      connect-abstract embryo       | EPERM

      # Namespaces; clone truncates its flags to 32 bits.
      unshare-user                  | EPERM
      unshare-mount                 | EPERM
      unshare-pid                   | EPERM
      unshare-network               | EPERM
      unshare-ipc                   | EPERM
      unshare-hostname              | EPERM
      unshare-cgroup                | EPERM
      unshare-files                 | EPERM
      unshare-high                  | EPERM
      setns                         | EPERM
      setns-user                    | EPERM
      clone user                    | EPERM
      clone user high               | EPERM
      clone mount                   | EPERM
      clone mount high              | EPERM
      clone pid                     | EPERM
      clone network                 | EPERM
      clone network high            | EPERM
      clone ipc                     | EPERM
      clone hostname                | EPERM
      clone cgroup                  | EPERM
      clone parent                  | EPERM
      clone parent high             | EPERM
      clone ptrace                  | EPERM
      clone untraced                | EPERM
      clone pidfd                   | EPERM
      clone thread+network          | EPERM
      clone thread+parent           | EPERM
      clone3                        | ENOSYS

      # Mounts and roots.
      mount                         | EPERM
      mount-bind                    | EPERM
      umount2                       | EPERM
      open-tree                     | EPERM
      clone-tree /                  | EPERM
      open-tree-attr                | ENOSYS
      move-mount                    | EPERM
      fsopen                        | EPERM
      fsconfig                      | EPERM
      fsmount                       | EPERM
      fspick                        | EPERM
      mount-setattr                 | EPERM
      statmount                     | ENOSYS
      listmount                     | ENOSYS
      pivot-root                    | EPERM
      chroot                        | EPERM
      openat2                       | ENOSYS
      file-setattr                  | ENOSYS
      name-to-handle-at             | EPERM
      open-by-handle-at             | EPERM

      # Ways around system calls, and memory that is writable and executable.
      io-uring-setup                | EPERM
      io-uring-enter                | EPERM
      io-uring-register             | EPERM
      io-setup                      | EPERM
      io-submit                     | EPERM
      userfaultfd                   | EPERM
      memfd-create                  | ENOSYS
      memfd-secret                  | EPERM
      map-writable-executable       | EPERM
      map-writable-executable-high  | EPERM
      make-executable               | EPERM
      make-executable-high          | EPERM
      make-executable-key           | EPERM
      shm-execute                   | EPERM
      read-implies-exec             | EPERM
      read-implies-exec-high        | EPERM
      listener                      | EPERM
      listener high                 | EPERM
      seccomp-listener              | EPERM
      seccomp-listener-high         | EPERM

      # Terminals; ioctl truncates its command to 32 bits (CVE-2017-5226, CVE-2019-7303).
      tiocsti                       | EPERM
      tiocsti-high                  | EPERM
      tioclinux                     | EPERM
      tioclinux-high                | EPERM
      tiocsctty                     | EPERM
      tiocsctty-high                | EPERM
      tiocsetd                      | EPERM
      tiocgptpeer                   | EPERM

      # Other processes.
      ptrace-traceme                | EPERM
      kcmp                          | EPERM
      pidfd-getfd                   | EPERM
      pidfd-send-signal             | EPERM
      process-madvise               | EPERM
      process-mrelease              | EPERM
      move-pages                    | EPERM
      migrate-pages                 | EPERM
      set-owner 1                   | EPERM
      set-owner-ex 1                | EPERM
      set-signal                    | EPERM
      fiosetown                     | EPERM
      setown-high                   | EPERM

      # Identity. In a user namespace, user and group 0 have no meaning: EINVAL.
      setuid                        | EPERM/EINVAL
      setgid                        | EPERM/EINVAL
      setresuid                     | EPERM/EINVAL
      setgroups                     | EPERM
      capset                        | EPERM
      clear-securebits              | EPERM
      raise-ambient                 | EPERM
      raise-limit                   | EPERM

      # Keys, observers, the machine.
      add-key                       | EPERM
      request-key                   | EPERM
      keyctl                        | EPERM
      bpf                           | EPERM
      perf-event-open               | EPERM
      fanotify-init                 | EPERM
      fanotify-mark                 | EPERM
      lookup-quota                  | EPERM
      quotactl-fd                   | EPERM
      syslog                        | EPERM
      reboot                        | EPERM
      swapon                        | EPERM
      swapoff                       | EPERM
      init-module                   | EPERM
      finit-module                  | EPERM
      delete-module                 | EPERM
      kexec-load                    | EPERM
      kexec-file-load               | EPERM
      acct                          | EPERM
      settimeofday                  | EPERM
      clock-settime                 | EPERM
      clock-adjtime                 | EPERM
      adjtimex                      | EPERM
      sethostname                   | EPERM
      setdomainname                 | EPERM
      """)
  void isRefused(String act, String refusal) throws Exception {
    assertRefusedUnderEitherPolicy(act, refusal);

    Probe.assumePossible(words(act));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "only x86-64 has these calls")
  @CsvSource(delimiter = '|', textBlock = """
      # Other tables of system calls. The kernel may lack x32, and 335 (uretprobe) kills whoever is not its trampoline.
      i386-getpid | SIGSYS
      i386-open   | SIGSYS
      x32 0       | SIGSYS
      x32 39      | SIGSYS
      x32 520     | SIGSYS
      call 335    | ENOSYS/SIGILL/SIGSYS/EPERM
      call 336    | ENOSYS/ENXIO/SIGILL/EPERM
      iopl        | EPERM
      ioperm      | EPERM
      modify-ldt  | EPERM
      """)
  void isRefusedOnX86(String act, String refusal) throws Exception {
    assertRefusedUnderEitherPolicy(act, refusal);

    Probe.assumePossible(words(act));
  }

  @ParameterizedTest(name = "call {0}")
  @CsvSource({"472", "500", "547", "600", "1000", "65536", "0x3fffffff", "0x3ffffffe"})
  void callsThatNobodyKnowsAreAnsweredLikeCallsThatDoNotExist(String number) throws Exception {
    assertRefusedUnderEitherPolicy("call " + number, "ENOSYS");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      # The bit in every call that takes a mode; high bits are not read by the kernel, and must not blind the filter.
      chmod     | 04755       | EPERM
      chmod     | 02755       | EPERM
      chmod     | 0x1000009ed | EPERM
      fchmod    | 04755       | EPERM
      fchmod    | 0x1000009ed | EPERM
      fchmodat  | 04755       | EPERM
      fchmodat  | 0x1000005ed | EPERM
      fchmodat2 | 04755       | EPERM
      fchmodat2 | 0x1000009ed | EPERM
      open      | 04755       | EPERM
      open      | 0x1000009ed | EPERM
      openat    | 04755       | EPERM
      openat    | 0x1000009ed | EPERM
      creat     | 04755       | EPERM
      creat     | 0x1000009ed | EPERM
      mknod     | 04755       | EPERM
      mknod     | 0x1000009ed | EPERM
      mknodat   | 02755       | EPERM
      mknodat   | 0x1000009ed | EPERM
      """)
  void aSetIdBitIsRefusedAndTheSameCallWithoutItIsNot(String way, String mode, String refusal) throws Exception {
    var writable = ProbePolicy.LEAST.capability("scratch: {tmpfs: 1MiB, mount: /tmp}");

    Probe.assertAnswer(Probe.inside(writable, "setid", way, mode, "/tmp/file"), refusal);

    Probe.assumePossible("setid", way, mode, directory.resolve("file").toString());
    Probe.assertAnswer(Probe.inside(writable, "setid", way, "0755", "/tmp/file"), "ok");
  }

  private static void assertRefusedUnderEitherPolicy(String act, String refusal)
      throws IOException, InterruptedException {
    for (ProbePolicy policy : List.of(ProbePolicy.LEAST, ProbePolicy.SPAWNING)) {
      Probe.assertAnswer(Probe.inside(policy, words(act)), refusal);
    }
  }

  private static List<String> words(String act) {
    return List.of(act.split(" "));
  }
}
