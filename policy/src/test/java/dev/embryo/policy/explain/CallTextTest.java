package dev.embryo.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.seccomp.SeccompData;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallTextTest {
  private static final long HIGH = 0x5555_5555L << 32;

  private static String text(String call, String memory, long... arguments) {
    return CallText.of(call, SeccompData.of(Architecture.X86_64, 0, arguments),
        address -> memory == null ? Optional.empty() : Optional.of(memory.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      socket      ; 2 0x80001 0 ; socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)
      socket      ; 99 7 0 ; socket(0x63, 0x7, 0)
      clone       ; 0x3d0f00 1 0 1 0 ; clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID, ..., NULL, ..., 0)
      clone       ; 0x11 0 0 0 0 ; clone(SIGCHLD, 0, NULL, NULL, 0)
      unshare     ; 0x10000000 ; unshare(CLONE_NEWUSER)
      mmap        ; 0 4096 7 0x22 -1 0 ; mmap(0, ..., PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
      openat      ; -100 1 0x241 04755 ; openat(AT_FDCWD, "text", O_WRONLY|O_CREAT|O_TRUNC, 04755)
      open        ; 1 0 0 ; open("text", O_RDONLY, 0)
      ptrace      ; 16 42 0 0 ; ptrace(PTRACE_ATTACH, 42, 0, 0)
      ioctl       ; 0 0x5412 1 ; ioctl(0, TIOCSTI, ...)
      ioctl       ; 0 0x1234 0 ; ioctl(0, 0x1234, 0)
      kill        ; -1 9 ; kill(-1, SIGKILL)
      chroot      ; 0 ; chroot(NULL)
      getpid      ; 1 2 ; getpid()
      tuxcall     ; 1 2 ; tuxcall(...)
      """)
  void aCallIsWrittenAsPeopleKnowIt(String call, String arguments, String expected) {
    var words = arguments.split(" ");
    long[] plain = new long[words.length];
    for (int i = 0; i < words.length; i++) {
      plain[i] = Long.decode(words[i]);
    }

    assertThat(text(call, "text", plain)).isEqualTo(expected);
  }

  @Test
  void bitsThatTheKernelDoesNotReadAreNotShown() {
    assertThat(text("socket", null, HIGH | 1, HIGH | 1, HIGH)).isEqualTo("socket(AF_UNIX, SOCK_STREAM, 0)");
    assertThat(text("fchmod", null, HIGH | 3, 0xffff_0000L | 0644)).isEqualTo("fchmod(3, 0644)");
  }

  @Test
  void aTextOfTheProgramMovesNoCursorAndEndsNoQuote() {
    assertThat(text("chroot", "\u001b[2J\n\u00e9\"; \\ \u0000", 1))
        .isEqualTo("chroot(\"\\x1b[2J\\x0a\\xe9\\\"; \\\\ \\x00\")");
  }

  @Test
  void aLongTextIsCutAndAnUnreadableOneIsLeftOut() {
    assertThat(text("chroot", "x".repeat(300), 1)).isEqualTo("chroot(\"" + "x".repeat(100) + "\"...)");
    assertThat(text("chroot", null, 1)).isEqualTo("chroot(...)");
  }

  @Test
  void anythingCanBeWritten() {
    var random = new Random(5);
    for (String call : CallSignature.all().keySet()) {
      for (int i = 0; i < 20; i++) {
        byte[] memory = new byte[random.nextInt(256)];
        random.nextBytes(memory);
        var written = CallText.of(call, SeccompData.of(Architecture.X86_64, 0, random.longs(6).toArray()),
            address -> Optional.of(memory));
        assertThat(written).matches("[ -~]+").hasSizeLessThan(2000);
      }
    }
  }
}
