package dev.embryo.runtime.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The system's libseccomp: the names and numbers of system calls, and the compiler of filters.
 *
 * <p>Loaded on first use. Safe for use by several threads; a {@link FilterContext} belongs to one
 * thread at a time. Source: seccomp_init(3), seccomp_rule_add(3), seccomp_export_bpf(3).
 */
public final class Libseccomp {
  private static final String SONAME = "libseccomp.so.2";
  private static final String REMEDY =
      "install the package libseccomp2 (Debian, Ubuntu, openSUSE) or libseccomp (Fedora, Arch),"
          + " version 2.5 or newer";

  private final Version version;
  private final Architecture nativeArchitecture;
  private final Map<Architecture, SystemCallTable> calls = new EnumMap<>(Architecture.class); // filled by the constructor

  private Libseccomp(Version version, Architecture nativeArchitecture) {
    this.version = version;
    this.nativeArchitecture = nativeArchitecture;
    for (Architecture each : Architecture.values()) {
      calls.put(each, new SystemCallTable(this, each));
    }
  }

  /**
   * The library of this machine; the same object each time.
   *
   * @throws LibseccompException if it is missing, older than 2.5, or built for an architecture that
   *     Embryo does not know; the message names the package to install
   */
  public static Libseccomp load() throws LibseccompException {
    if (Loaded.LIBRARY != null) {
      return Loaded.LIBRARY;
    }
    LibseccompException failure = Objects.requireNonNull(Loaded.FAILURE);
    throw new LibseccompException(String.valueOf(failure.getMessage()), failure);
  }

  static Libseccomp open(String soname) throws LibseccompException {
    try {
      Native.register(Functions.class, NativeLibrary.getInstance(soname));
    } catch (UnsatisfiedLinkError e) {
      throw new LibseccompException("cannot load " + soname + ": " + REMEDY, e);
    }
    Pointer at = Functions.seccomp_version();
    Version version = new Version(at.getInt(0), at.getInt(4), at.getInt(8));
    if (version.isOlderThan(2, 5)) {
      throw new LibseccompException("libseccomp " + version + " is too old: " + REMEDY);
    }
    int token = Functions.seccomp_arch_native();
    Architecture architecture =
        Architecture.ofToken(token)
            .orElseThrow(
                () ->
                    new LibseccompException(
                        "no support for the architecture 0x%08x: x86_64 and aarch64 only"
                            .formatted(token)));
    return new Libseccomp(version, architecture);
  }

  /** The version of the library. */
  public Version version() {
    return version;
  }

  /** The architecture that this process runs on. */
  public Architecture nativeArchitecture() {
    return nativeArchitecture;
  }

  /** The calls of the architecture that this process runs on. */
  public SystemCallTable systemCalls() {
    return systemCalls(nativeArchitecture);
  }

  /** The calls of an architecture, which need not be this machine's. */
  public SystemCallTable systemCalls(Architecture architecture) {
    return Objects.requireNonNull(calls.get(architecture));
  }

  /**
   * A new, empty filter for one architecture.
   *
   * @param defaultAction the {@code SECCOMP_RET_*} value for calls that no rule matches
   */
  public FilterContext newFilter(Architecture architecture, int defaultAction)
      throws LibseccompException {
    Pointer context = Functions.seccomp_init(defaultAction);
    if (context == null) {
      throw new LibseccompException("seccomp_init failed for action 0x%08x".formatted(defaultAction));
    }
    FilterContext filter = new FilterContext(context);
    try {
      if (architecture != nativeArchitecture) {
        check("seccomp_arch_remove", Functions.seccomp_arch_remove(context, 0));
        check("seccomp_arch_add", Functions.seccomp_arch_add(context, architecture.token()));
      }
      return filter;
    } catch (LibseccompException e) {
      filter.close();
      throw e;
    }
  }

  /** A call's number; negative where the architecture has none. */
  int resolve(Architecture architecture, String name) {
    return Functions.seccomp_syscall_resolve_name_arch(architecture.token(), name);
  }

  /** A call's name; empty where the library knows none. */
  String resolve(Architecture architecture, int number) {
    Pointer name = Functions.seccomp_syscall_resolve_num_arch(architecture.token(), number);
    if (name == null) {
      return "";
    }
    try {
      return name.getString(0, "US-ASCII");
    } finally {
      Native.free(Pointer.nativeValue(name));
    }
  }

  /** libseccomp returns {@code -errno} and leaves errno itself alone. */
  private static void check(String what, int result) throws LibseccompException {
    if (result < 0) {
      throw new LibseccompException(what, -result);
    }
  }

  /**
   * A version of libseccomp.
   *
   * @param major as in <b>2</b>.5.4
   * @param minor as in 2.<b>5</b>.4
   * @param micro as in 2.5.<b>4</b>
   */
  public record Version(int major, int minor, int micro) {
    boolean isOlderThan(int otherMajor, int otherMinor) {
      return major < otherMajor || (major == otherMajor && minor < otherMinor);
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + micro;
    }
  }

  /**
   * A filter under construction, a {@code scmp_filter_ctx}. Close it after use. Not safe for use by
   * several threads.
   */
  public static final class FilterContext implements AutoCloseable {
    /** {@code SCMP_FLTATR_ACT_BADARCH}. */
    private static final int ACT_BADARCH = 2;

    /** {@code SCMP_FLTATR_CTL_OPTIMIZE}, libseccomp 2.5.0. */
    private static final int CTL_OPTIMIZE = 8;

    /** {@code sizeof(struct scmp_arg_cmp)}: unsigned arg, enum op, uint64_t datum_a, datum_b. */
    private static final int ARG_CMP_SIZE = 24;

    /** {@code MFD_CLOEXEC}. */
    private static final int MFD_CLOEXEC = 1;

    private static final byte[] NAME = "seccomp\0".getBytes(StandardCharsets.US_ASCII);

    /** {@code BPF_MAXINSNS} instructions, and one more to notice that there are too many. */
    private static final int LONGEST = 4097 * 8;

    /** {@code SCMP_CMP_MASKED_EQ}: datum_a is the mask, datum_b the value. */
    private static final int MASKED_EQ = 7;

    private @Nullable Pointer context;
    private final Memory comparisons = new Memory(6L * ARG_CMP_SIZE);

    private FilterContext(Pointer context) {
      this.context = context;
    }

    /** Sets the {@code SECCOMP_RET_*} action for calls made by another architecture's entry. */
    public void onForeignArchitecture(int action) throws LibseccompException {
      check(
          "seccomp_attr_set(SCMP_FLTATR_ACT_BADARCH)",
          Functions.seccomp_attr_set(open(), ACT_BADARCH, action));
    }

    /** Sets how the program is laid out: 1 is a chain of comparisons, 2 a binary tree. */
    public void optimize(int level) throws LibseccompException {
      check(
          "seccomp_attr_set(SCMP_FLTATR_CTL_OPTIMIZE)",
          Functions.seccomp_attr_set(open(), CTL_OPTIMIZE, level));
    }

    /**
     * Adds a rule: where all comparisons hold, the call gets the action.
     *
     * @param action a {@code SECCOMP_RET_*} value, not the filter's default
     * @param call its name, which {@link SystemCallTable#number} knows for this filter's architecture
     * @param when at most one comparison per argument; none stands for any arguments
     */
    public void rule(int action, String call, List<MaskedComparison> when)
        throws LibseccompException {
      // The library takes this process's number of a call, also in a filter for another
      // architecture, and a negative one of its own for calls that exist only there.
      int number = Functions.seccomp_syscall_resolve_name(call);
      for (int i = 0; i < when.size(); i++) {
        MaskedComparison each = when.get(i);
        long at = (long) i * ARG_CMP_SIZE;
        comparisons.setInt(at, each.argument());
        comparisons.setInt(at + 4, MASKED_EQ);
        comparisons.setLong(at + 8, each.mask());
        comparisons.setLong(at + 16, each.value());
      }
      int result =
          Functions.seccomp_rule_add_array(open(), action, number, when.size(), comparisons);
      if (result < 0) {
        throw new LibseccompException(
            "seccomp_rule_add_array: action 0x%08x for %s when %s"
                .formatted(action, call, when),
            -result);
      }
    }

    /** The finished program, an array of {@code struct sock_filter}. */
    public byte[] export() throws LibseccompException {
      try {
        int memfd = LinuxException.check("memfd_create", Libc.memfd_create(NAME, MFD_CLOEXEC));
        try {
          check("seccomp_export_bpf", Functions.seccomp_export_bpf(open(), memfd));
          var filter = contents(memfd);
          requireRoom(memfd);
          return filter;
        } finally {
          Libc.close(memfd);
        }
      } catch (LinuxException e) {
        throw new LibseccompException("cannot export a filter: " + e.getMessage(), e);
      }
    }

    /** seccomp_export_bpf takes a part that was written for the whole. If more can be written, it was not for want of room. */
    private static void requireRoom(int fd) throws LinuxException {
      LinuxException.check("write all of it to a file in memory", Libc.write(fd, Libc.address(Libc.allocate(1)), 1));
    }

    private static byte[] contents(int fd) throws LinuxException {
      ByteBuffer bytes = Libc.allocate(LONGEST);
      long pread = SystemCalls.number("pread64");
      long count = 1;
      while (count > 0 && bytes.hasRemaining()) {
        int done = bytes.position();
        count = LinuxException.check("read the exported filter",
            Libc.syscall(pread, fd, Libc.address(bytes) + done, bytes.remaining(), done, 0, 0));
        bytes.position(done + (int) count);
      }
      byte[] exported = new byte[bytes.flip().remaining()];
      bytes.get(exported);
      return exported;
    }

    @Override
    public void close() {
      Pointer open = context;
      context = null;
      if (open != null) {
        Functions.seccomp_release(open);
      }
      comparisons.close();
    }

    private Pointer open() {
      Pointer open = context;
      if (open == null) {
        throw new IllegalStateException("the filter context is closed");
      }
      return open;
    }
  }

  /** Loads once, and remembers why it could not: a class that failed to initialise says it once. */
  private static final class Loaded {
    static final @Nullable Libseccomp LIBRARY;
    static final @Nullable LibseccompException FAILURE;

    static {
      Libseccomp library = null;
      LibseccompException failure = null;
      try {
        library = open(SONAME);
      } catch (LibseccompException e) {
        failure = e;
      }
      LIBRARY = library;
      FAILURE = failure;
    }
  }

  /** The C functions, under their own names. */
  @SuppressWarnings("MethodName")
  private static final class Functions {
    static native Pointer seccomp_version();

    static native int seccomp_arch_native();

    static native @Nullable Pointer seccomp_init(int defaultAction);

    static native void seccomp_release(Pointer context);

    static native int seccomp_arch_add(Pointer context, int token);

    static native int seccomp_arch_remove(Pointer context, int token);

    static native int seccomp_attr_set(Pointer context, int attribute, int value);

    static native int seccomp_rule_add_array(
        Pointer context, int action, int number, int count, Pointer comparisons);

    static native int seccomp_export_bpf(Pointer context, int fd);

    static native int seccomp_syscall_resolve_name(String name);

    static native int seccomp_syscall_resolve_name_arch(int token, String name);

    static native @Nullable Pointer seccomp_syscall_resolve_num_arch(int token, int number);
  }
}
