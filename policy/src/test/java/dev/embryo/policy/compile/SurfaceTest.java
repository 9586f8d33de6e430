package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.compile.SurfaceRow.Refusal;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.Rule;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SurfaceTest {
  /** What may stand in the half of a register that the kernel does not read. */
  private static final long[] HIGH_BITS = {
    0, 1L << 32, 1L << 47, 1L << 63, 0xffff_ffffL << 32, 0x5555_5555L << 32
  };

  /** Calls that Linux 6.18 has and the oldest libseccomp that has to work does not know. */
  private static final List<String> NEWER =
      List.of(
          "statmount", "listmount", "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules",
          "mseal", "setxattrat", "getxattrat", "listxattrat", "removexattrat", "open_tree_attr",
          "file_getattr", "file_setattr", "uretprobe", "uprobe");

  private static final SurfaceFeatures ALL = SurfaceFeatures.of(Feature.values());

  /** None, all, each alone, and all but each: all sets would be too many. */
  static Stream<SurfaceFeatures> setsOfFeatures() {
    return Stream.concat(
        Stream.of(SurfaceFeatures.of(), ALL),
        Stream.of(Feature.values()).flatMap(each ->
            Stream.of(SurfaceFeatures.of(each), ALL.without(each))));
  }

  private static Action answer(SurfaceFeatures features, String call, long... arguments)
      throws LibseccompException {
    return answer(Architecture.X86_64, features, call, arguments);
  }

  private static Action answer(
      Architecture architecture, SurfaceFeatures features, String call, long... arguments)
      throws LibseccompException {
    int number = Libseccomp.load().systemCalls(architecture).require(call);
    return Simulator.run(
        filter(architecture, features), SeccompData.of(architecture, number, arguments));
  }

  private static Filter filter(Architecture architecture, SurfaceFeatures features)
      throws LibseccompException {
    return FilterCompiler.of(Libseccomp.load(), architecture).compile(Surface.rules(features));
  }

  // The table.

  @ParameterizedTest
  @EnumSource
  void everyCallThatTheLibraryKnowsIsClassified(Architecture architecture)
      throws LibseccompException {
    Set<String> unclassified =
        new TreeSet<>(Libseccomp.load().systemCalls(architecture).all().values());
    Surface.rows().forEach(row -> unclassified.remove(row.call()));

    assertThat(unclassified).isEmpty();
  }

  @Test
  void everyNewerCallIsListedAsAbsent() {
    assertThat(Surface.rows())
        .filteredOn(row -> row.grants().isEmpty() && row.refusal() == Refusal.ABSENT)
        .extracting(SurfaceRow::call)
        .containsAll(NEWER);
  }

  @Test
  void noCallIsListedTwiceAndNoneIsMisspelt() throws LibseccompException {
    Set<String> known = new HashSet<>(NEWER);
    for (Architecture each : Architecture.values()) {
      known.addAll(Libseccomp.load().systemCalls(each).all().values());
    }

    assertThat(Surface.rows()).extracting(SurfaceRow::call).doesNotHaveDuplicates();
    assertThat(Surface.rows()).extracting(SurfaceRow::call).isSubsetOf(known);
  }

  @Test
  void everyRefusalHasItsReason() {
    assertThat(Surface.rows())
        .filteredOn(row -> row.grants().isEmpty())
        .allSatisfy(row -> assertThat(row.reason()).as(row.call()).isNotBlank());
  }

  // The program, against the table.

  @ParameterizedTest
  @MethodSource("setsOfFeatures")
  void theProgramAnswersWhatTheRowsSay(SurfaceFeatures features) throws LibseccompException {
    Random random = new Random(features.hashCode());
    for (Architecture architecture : Architecture.values()) {
      SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
      Filter filter = filter(architecture, features);
      for (SurfaceRow row : Surface.rows()) {
        if (calls.number(row.call()).isEmpty()) {
          continue;
        }
        List<Rule> rules = row.rules(features);
        for (SeccompData data : callsAround(architecture, calls.require(row.call()), rules, random)) {
          assertThat(Simulator.run(filter, data))
              .as("%s %s", row.call(), data)
              .isEqualTo(expected(rules, data));
        }
      }
    }
  }

  /** Calls that just meet a rule, with each way of high bits, and ones a bit off. */
  private static Set<SeccompData> callsAround(
      Architecture architecture, int number, List<Rule> rules, Random random) {
    Set<SeccompData> around = new HashSet<>();
    around.add(SeccompData.of(architecture, number));
    around.add(SeccompData.of(architecture, number, -1, -1, -1, -1, -1, -1));
    for (Rule rule : rules) {
      for (long high : HIGH_BITS) {
        long[] arguments = random.longs(6).toArray();
        rule.when().forEach(each -> arguments[each.argument()] =
            high | arguments[each.argument()] & ~each.mask() & 0xffff_ffffL | each.value());
        around.add(SeccompData.of(architecture, number, arguments));
        rule.when().forEach(each -> arguments[each.argument()] ^= 1L << random.nextInt(32));
        around.add(SeccompData.of(architecture, number, arguments));
      }
    }
    return around;
  }

  private static Action expected(List<Rule> rules, SeccompData data) {
    return rules.stream()
        .filter(rule -> rule.when().stream().allMatch(each -> each.matches(data.arguments())))
        .map(Rule::action)
        .findFirst()
        .orElse(Action.EPERM);
  }

  // What the rows are for.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read", "write", "openat", "newfstatat", "getdents64", "mmap", "brk", "futex", "rseq",
        "set_robust_list", "set_tid_address", "arch_prctl", "prlimit64", "getrandom", "statx",
        "faccessat2", "rt_sigaction", "rt_sigreturn", "exit_group", "prctl", "clock_gettime",
        "epoll_wait", "eventfd2", "timerfd_create", "signalfd4", "pipe2", "membarrier", "kill",
        "sched_getaffinity", "landlock_restrict_self", "inotify_init1", "shmget", "mq_open"
      })
  void anOrdinaryProgramMakesOrdinaryCalls(String call) throws LibseccompException {
    assertThat(answer(SurfaceFeatures.LEAST, call)).isEqualTo(Action.ALLOW);
  }

  /** What no policy gives, but by its name in system-calls.allow. */
  private static final String NOBODYS = """
      memfd_secret migrate_pages move_pages process_madvise process_mrelease process_vm_readv process_vm_writev
      remap_file_pages userfaultfd kcmp pidfd_getfd pidfd_send_signal ptrace adjtimex clock_adjtime clock_settime
      settimeofday bind connect socket socketpair io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit
      io_uring_enter io_uring_register io_uring_setup chroot fsconfig fsmount fsopen fspick mount mount_setattr
      move_mount name_to_handle_at open_by_handle_at open_tree pivot_root setns umount2 unshare acct add_key bpf
      delete_module fanotify_init fanotify_mark finit_module init_module ioperm iopl kexec_file_load kexec_load
      keyctl modify_ldt perf_event_open quotactl quotactl_fd reboot request_key setdomainname sethostname swapoff
      swapon syslog vhangup _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old get_kernel_syms
      get_thread_area getpmsg lookup_dcookie nfsservctl putpmsg query_module security set_thread_area sysfs tuxcall
      uselib ustat vserver
      """;

  static Stream<String> nobodys() {
    return Arrays.stream(NOBODYS.trim().split("\\s+"));
  }

  @ParameterizedTest
  @MethodSource("nobodys")
  void noFeatureGrantsWhatNobodyMayDo(String call) throws LibseccompException {
    for (Architecture architecture : Architecture.values()) {
      if (Libseccomp.load().systemCalls(architecture).number(call).isPresent()) {
        assertThat(answer(architecture, ALL, call)).isEqualTo(Action.EPERM);
      }
    }
  }

  @Test
  void whatNobodyMayDoIsAllInThatList() {
    assertThat(Surface.rows())
        .filteredOn(row -> row.grants().isEmpty() && row.refusal() != Refusal.ABSENT)
        .extracting(SurfaceRow::call)
        .containsExactlyInAnyOrderElementsOf(nobodys().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "accept", "accept4", "listen", "shutdown", "recvfrom", "sendto", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg"
  })
  void whatIsDoneWithSocketsTakesSockets(String call) throws LibseccompException {
    assertThat(answer(SurfaceFeatures.LEAST, call)).isEqualTo(Action.EPERM);
    assertThat(answer(ALL, call)).isEqualTo(Action.ALLOW);
  }

  @Test
  void onlyTheRightToDoSoSendsToAnAddressOrInAMessage() throws LibseccompException {
    var sockets = SurfaceFeatures.LEAST.with(Feature.SOCKETS);
    assertThat(answer(sockets, "sendto")).isEqualTo(Action.ALLOW);
    assertThat(answer(sockets, "sendto", 3, 1, 1, 0, 1L << 40, 16)).isEqualTo(Action.EPERM);
    assertThat(answer(sockets.with(Feature.ADDRESSES), "sendto", 3, 1, 1, 0, 1L << 40, 16)).isEqualTo(Action.ALLOW);
    assertThat(answer(ALL, "sendto", 3, 1, 1, 0x2000_0000, 0, 0)).isEqualTo(Action.EPERM); // MSG_FASTOPEN
    assertThat(answer(sockets, "sendmsg")).isEqualTo(Action.EPERM);
    assertThat(answer(sockets, "recvmsg")).isEqualTo(Action.EPERM);
    assertThat(answer(ALL, "getsockopt", 3, 1, 77)).isEqualTo(Action.EPERM); // SO_PEERPIDFD
  }

  @ParameterizedTest
  @ValueSource(strings = {"clone3", "openat2", "pidfd_open"})
  void callsThatProgramsDoWithoutAreAbsent(String call) throws LibseccompException {
    assertThat(answer(ALL, call)).isEqualTo(Action.ENOSYS);
  }

  @ParameterizedTest
  @ValueSource(ints = {457, 462, 469, 500, 547, 1000})
  void callsNewerThanTheLibraryAreAbsent(int number) throws LibseccompException {
    Filter filter = filter(Architecture.X86_64, ALL);

    assertThat(Simulator.run(filter, SeccompData.of(Architecture.X86_64, number)))
        .isEqualTo(Action.ENOSYS);
  }

  @ParameterizedTest
  @CsvSource({
    "chmod, 1", "fchmod, 1", "fchmodat, 2", "fchmodat2, 2", "creat, 1", "mknod, 1", "mknodat, 2"
  })
  void noSetIdBitIsEverSet(String call, int position) throws LibseccompException {
    for (long high : HIGH_BITS) {
      assertThat(answer(ALL, call, at(position, high | 01777))).isEqualTo(Action.ALLOW);
      for (long mode : new long[] {04755, 02755, 06000}) {
        assertThat(answer(ALL, call, at(position, high | mode))).isEqualTo(Action.EPERM);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"open, 1", "openat, 2"})
  void aFileIsCreatedWithoutSetIdBitsAndOpenedWithAnyLeftoverMode(String call, int flags)
      throws LibseccompException {
    for (long high : HIGH_BITS) {
      for (long creating : new long[] {0x40, 0x41_0000, 0xffff_ffffL}) {
        assertThat(answer(ALL, call, at(flags, high | creating, high | 0644)))
            .isEqualTo(Action.ALLOW);
        assertThat(answer(ALL, call, at(flags, high | creating, high | 04644)))
            .isEqualTo(Action.EPERM);
      }
      assertThat(answer(ALL, call, at(flags, high | 0x9_0800, high | 06666)))
          .isEqualTo(Action.ALLOW);
    }
  }

  @Test
  void aNodeIsAFileAPipeOrASocketAndNoDevice() throws LibseccompException {
    for (long high : HIGH_BITS) {
      for (long type : new long[] {0, 0100000, 0010000, 0140000}) {
        assertThat(answer(ALL, "mknodat", 0, 0, high | type | 0644)).isEqualTo(Action.ALLOW);
      }
      for (long type : new long[] {0020000, 0060000, 0040000, 0120000}) {
        assertThat(answer(ALL, "mknodat", 0, 0, high | type | 0644)).isEqualTo(Action.EPERM);
      }
    }
  }

  @Test
  void memoryIsNeverWritableAndExecutableWithoutJit() throws LibseccompException {
    for (long high : HIGH_BITS) {
      assertThat(answer(SurfaceFeatures.LEAST, "mmap", 0, 0, high | 3)).isEqualTo(Action.ALLOW);
      assertThat(answer(SurfaceFeatures.LEAST, "mmap", 0, 0, high | 5)).isEqualTo(Action.ALLOW);
      assertThat(answer(SurfaceFeatures.LEAST, "mmap", 0, 0, high | 7)).isEqualTo(Action.EPERM);
      assertThat(answer(SurfaceFeatures.LEAST, "mmap", 0, 0, high | 6)).isEqualTo(Action.EPERM);
      for (String call : List.of("mprotect", "pkey_mprotect")) {
        assertThat(answer(SurfaceFeatures.LEAST, call, 0, 0, high | 3)).isEqualTo(Action.ALLOW);
        assertThat(answer(SurfaceFeatures.LEAST, call, 0, 0, high | 5)).isEqualTo(Action.EPERM);
      }
      assertThat(answer(SurfaceFeatures.LEAST, "shmat", 0, 0, high | 010000))
          .isEqualTo(Action.ALLOW);
      assertThat(answer(SurfaceFeatures.LEAST, "shmat", 0, 0, high | 0100000))
          .isEqualTo(Action.EPERM);
    }
    assertThat(answer(SurfaceFeatures.LEAST, "memfd_create")).isEqualTo(Action.ENOSYS);
  }

  @Test
  void jitGrantsMemoryThatIsWritableAndExecutable() throws LibseccompException {
    SurfaceFeatures jit = SurfaceFeatures.LEAST.with(Feature.JIT);

    assertThat(answer(jit, "mmap", 0, 0, 7)).isEqualTo(Action.ALLOW);
    assertThat(answer(jit, "mprotect", 0, 0, 5)).isEqualTo(Action.ALLOW);
    assertThat(answer(jit, "pkey_mprotect", 0, 0, 7)).isEqualTo(Action.ALLOW);
    assertThat(answer(jit, "shmat", 0, 0, 0100000)).isEqualTo(Action.ALLOW);
  }

  @Test
  void memoryFilesAreAFeatureOfTheirOwn() throws LibseccompException {
    assertThat(answer(ALL.without(Feature.MEMORY_FILES), "memfd_create")).isEqualTo(Action.ENOSYS);
    assertThat(answer(ALL, "memfd_create")).isEqualTo(Action.ALLOW);
  }

  /** Flags as glibc passes them. */
  private static final long PTHREAD_CREATE = 0x003d_0f00;

  private static final long FORK = 0x0120_0011;
  private static final long POSIX_SPAWN = 0x4111;

  @ParameterizedTest
  @CsvSource({
    // threads, spawn, a thread is made, a child is made
    "false, false, false, false",
    "true,  false, true,  false",
    "false, true,  false, true",
    "true,  true,  true,  true",
  })
  void threadsAndChildrenAreMadeOnlyWhereGranted(
      boolean threads, boolean spawn, boolean makesThreads, boolean makesChildren)
      throws LibseccompException {
    SurfaceFeatures features =
        SurfaceFeatures.LEAST.with(Feature.THREADS, threads).with(Feature.SPAWN, spawn);
    Action thread = makesThreads ? Action.ALLOW : Action.EPERM;
    Action child = makesChildren ? Action.ALLOW : Action.EPERM;

    for (long high : HIGH_BITS) {
      assertThat(answer(features, "clone", high | PTHREAD_CREATE)).isEqualTo(thread);
      assertThat(answer(features, "clone", high | FORK)).isEqualTo(child);
      assertThat(answer(features, "clone", high | POSIX_SPAWN)).isEqualTo(child);
    }
    assertThat(answer(features, "fork")).isEqualTo(child);
    assertThat(answer(features, "vfork")).isEqualTo(child);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0x1000, 0x2000, 0x8000, 0x2_0000, 0x80_0000, 0x200_0000, 0x400_0000, 0x800_0000,
        0x1000_0000, 0x2000_0000, 0x4000_0000
      })
  void noCloneMakesANamespaceAPidfdOrAChildOfTheLauncher(long flag) throws LibseccompException {
    for (long high : HIGH_BITS) {
      for (long flags : new long[] {PTHREAD_CREATE, FORK, POSIX_SPAWN}) {
        assertThat(answer(ALL, "clone", high | flags)).isEqualTo(Action.ALLOW);
        assertThat(answer(ALL, "clone", high | flags | flag)).isEqualTo(Action.EPERM);
      }
    }
  }

  @Test
  void execveatPassesOnlyWhereAnotherFilterDecides() throws LibseccompException {
    SurfaceFeatures closed = ALL.without(Feature.EXEC_GATE);

    assertThat(answer(ALL, "execveat")).isEqualTo(Action.ALLOW);
    assertThat(answer(closed, "execveat")).isEqualTo(Action.EPERM);
  }

  @Test
  void execveIsRefusedUnlessTheProgramMayExecute() throws LibseccompException {
    assertThat(answer(ALL, "execve")).isEqualTo(Action.ALLOW);
    assertThat(answer(ALL.without(Feature.EXECUTE), "execve")).isEqualTo(Action.EPERM);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0x5412, // TIOCSTI
        0x541c, // TIOCLINUX
        0x540e, // TIOCSCTTY
        0x5423, // TIOCSETD
        0x541d, // TIOCCONS
        0x5437, // TIOCVHANGUP
        0x5441, // TIOCGPTPEER
        0x8901, // FIOSETOWN
        0x8902, // SIOCSPGRP
        0x4b49, // KDSKBSENT
        0xc018_2103, // SECCOMP_IOCTL_NOTIF_ADDFD, an example of what nobody listed
      })
  void noTerminalIsTypedIntoAndNoDescriptorIsOwned(int command) throws LibseccompException {
    for (long high : HIGH_BITS) {
      assertThat(answer(ALL, "ioctl", 0, high | Integer.toUnsignedLong(command)))
          .isEqualTo(Action.EPERM);
      assertThat(answer(ALL, "ioctl", 0, high | 0x5401)).isEqualTo(Action.ALLOW);
      assertThat(answer(ALL, "ioctl", 0, high | 0x8008_6601L)).isEqualTo(Action.ALLOW);
    }
  }

  @Test
  void fcntlDuplicatesAndLocksAndOwnsNothing() throws LibseccompException {
    for (long high : HIGH_BITS) {
      for (long command : new long[] {0, 1, 2, 3, 4, 5, 6, 7, 37, 1030, 1034}) {
        assertThat(answer(ALL, "fcntl", 0, high | command)).isEqualTo(Action.ALLOW);
      }
      for (long command : new long[] {8, 10, 15, 1024, 1026}) {
        assertThat(answer(ALL, "fcntl", 0, high | command)).isEqualTo(Action.EPERM);
      }
    }
  }

  @Test
  void thePersonalityStaysTheOrdinaryOne() throws LibseccompException {
    for (long high : HIGH_BITS) {
      assertThat(answer(ALL, "personality", high)).isEqualTo(Action.ALLOW);
      assertThat(answer(ALL, "personality", high | 0xffff_ffffL)).isEqualTo(Action.ALLOW);
      for (long persona : new long[] {0x40_0000, 0x4_0000, 0x10_0000, 8}) {
        assertThat(answer(ALL, "personality", high | persona)).isEqualTo(Action.EPERM);
      }
    }
  }

  @Test
  void aProgramMayConfineItselfFurtherAndGetsNoListener() throws LibseccompException {
    for (long high : HIGH_BITS) {
      assertThat(answer(ALL, "seccomp", 1, high | 1)).isEqualTo(Action.ALLOW);
      assertThat(answer(ALL, "seccomp", 1, high | 8)).isEqualTo(Action.EPERM);
    }
  }

  @Test
  void theFilterStaysSmallBecauseEachInstructionCostsABirthATimeOfItsOwn()
      throws LibseccompException {
    Filter filter = filter(Architecture.X86_64, ALL);

    assertThat(filter.length()).isLessThan(600);
  }

  @Test
  void mostCallsAreAnsweredWithoutLookingAtTheirArguments() {
    Set<String> conditional =
        Surface.rules(SurfaceFeatures.LEAST).rules().stream()
            .filter(rule -> !rule.isUnconditional())
            .map(Rule::call)
            .collect(Collectors.toSet());

    assertThat(conditional)
        .containsExactlyInAnyOrder(
            "chmod", "creat", "fchmod", "fchmodat", "fchmodat2", "fcntl", "ioctl", "mknod",
            "mknodat", "mmap", "mprotect", "open", "openat", "personality", "pkey_mprotect",
            "seccomp", "shmat");
  }

  /** Arguments of which {@code values} begin at a position; others are noise. */
  private static long[] at(int position, long... values) {
    long[] arguments = new long[6];
    Arrays.fill(arguments, 0xdead_beef_dead_beefL);
    System.arraycopy(values, 0, arguments, position, values.length);
    return arguments;
  }

  // Without a namespace.

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      OWN_PIDS | prlimit64 0 PID                                                                           | EPERM
      OWN_PIDS | getpgid PID; getsid PID; get_robust_list PID                                              | EPERM
      OWN_PIDS | sched_setaffinity PID; sched_setattr PID; sched_setparam PID; sched_setscheduler PID      | EPERM
      OWN_PIDS | sched_getattr PID; sched_getparam PID; sched_getscheduler PID; sched_rr_get_interval PID  | EPERM
      OWN_PIDS | setpriority 0 PID; setpriority 1 0; setpriority 2 0; getpriority 0 PID; getpriority 2 0   | EPERM
      OWN_PIDS | ioprio_set 1 PID; ioprio_set 2 0; ioprio_set 3 0; ioprio_get 1 PID; ioprio_get 3 0        | EPERM
      OWN_PIDS | clock_gettime -37674; clock_getres -37674; clock_nanosleep -37674; timer_create -37674    | EPERM
      OWN_PIDS | prctl 62; prctl 1499557217; prctl 35                                                      | EPERM
      OWN_IPC  | shmget; shmat; shmdt; shmctl; semget; semop; semtimedop; semctl                           | EPERM
      OWN_IPC  | msgget; msgsnd; msgrcv; msgctl                                                            | EPERM
      OWN_IPC  | mq_open; mq_unlink; mq_timedsend; mq_timedreceive; mq_notify; mq_getsetattr               | EPERM
      OWN_ROOT | chmod; fchmod; fchmodat; fchmodat2; chown; lchown; fchown; fchownat                       | EPERM
      OWN_ROOT | utime; utimes; futimesat; utimensat                                                       | EPERM
      OWN_ROOT | setxattr; lsetxattr; fsetxattr; removexattr; lremovexattr; fremovexattr                   | EPERM
      OWN_ROOT | ioctl 0 1074292226                                                                        | EPERM
      OWN_ROOT | getxattr; lgetxattr; listxattr; llistxattr                                                | ENOSYS
      OWN_ROOT | inotify_init; inotify_init1; inotify_add_watch; inotify_rm_watch                          | ENOSYS
      RULED_TRUNCATION | truncate; openat 0 0 512; openat 0 0 515; openat 0 0 4194816                      | EPERM
      """)
  void whatANamespaceWouldCloseIsClosedWithoutIt(Feature feature, String calls, String refusal) throws LibseccompException {
    for (String written : calls.split("; *")) {
      String[] words = written.replace("PID", "4711").split(" ");
      for (long high : HIGH_BITS) {
        long[] arguments = Arrays.stream(words).skip(1).mapToLong(word -> high | Long.parseLong(word) & 0xffff_ffffL).toArray();
        if (written.startsWith("prlimit64")) {
          arguments = new long[] {high | 4711, 7};
        }
        assertThat(answer(ALL.without(feature), words[0], arguments)).as(written)
            .isEqualTo(refusal.equals("EPERM") ? Action.EPERM : Action.ENOSYS);
        assertThat(answer(ALL, words[0], arguments)).as(written).isEqualTo(Action.ALLOW);
      }
    }
  }

  @Test
  void aProgramWithoutNamespacesMayAskAboutAndLimitItself() throws LibseccompException {
    SurfaceFeatures none = SurfaceFeatures.of(Feature.EXEC_GATE, Feature.THREADS);
    for (long high : HIGH_BITS) {
      assertThat(answer(none, "prlimit64", high, 7)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "setpriority", high, high, 5)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "ioprio_set", high | 1, high, 5)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "sched_setaffinity", high)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "clock_gettime", high | 2)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "prctl", high | 15)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "openat", 0, 0, high | 0x241, high | 0644)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "openat", 0, 0, high | 0x242, high | 0644)).isEqualTo(Action.ALLOW);
      assertThat(answer(none, "openat", 0, 0, high | 0x241, high | 04644)).isEqualTo(Action.EPERM);
    }
    for (String call : List.of("stat", "readlink", "sched_getaffinity", "kill", "tgkill", "setpgid", "wait4")) {
      assertThat(answer(none, call)).as(call).isEqualTo(Action.ALLOW);
    }
  }
}
