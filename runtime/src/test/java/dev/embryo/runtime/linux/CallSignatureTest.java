package dev.embryo.runtime.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.linux.CallSignature.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of signatures, against what the running kernel says of itself. */
class CallSignatureTest {
  /** What the kernel calls otherwise than everybody else. */
  private static final Map<String, String> NAMES = Map.of("newfstat", "fstat", "newlstat", "lstat", "newstat", "stat",
      "newuname", "uname", "sendfile64", "sendfile", "umount", "umount2");

  private static final Set<String> WIDE =
      Set.of("unsigned long", "long", "size_t", "loff_t", "off_t", "aio_context_t", "__u64", "u64");

  /** Declared wider than the body of the call reads it, in a way that no tracing tells; each was looked up there. */
  private static final Set<String> NARROWER = Set.of(
      "clone 0", // kernel_clone takes lower_32_bits
      "get_mempolicy 4", // tested for bits
      "kexec_file_load 4", // flags, and what has other bits is refused
      "kexec_load 3", // flags & ~KEXEC_ARCH_MASK, which is an int
      "mbind 2", // "mode" becomes an int
      "mmap 2", "mmap 3", "mmap 4", // calc_vm_prot_bits, calc_vm_flag_bits, fget
      "mount 3", "mprotect 2", "mremap 3", "mseal 2", "perf_event_open 4", "pkey_alloc 0", "pkey_alloc 1", "pkey_mprotect 2",
      "process_vm_readv 5", "process_vm_writev 5", "remap_file_pages 2", "remap_file_pages 4", "set_mempolicy_home_node 3",
      "unshare 0", // flags, and what has other bits is refused
      "preadv 0", "preadv 2", "preadv2 0", "preadv2 2", "pwritev 0", "pwritev 2", "pwritev2 0", "pwritev2 2", "readv 0",
      "readv 2", "writev 0", "writev 2", "vmsplice 2", // fdget, import_iovec
      "ptrace 1"); // find_get_task_by_vpid

  @Test
  void theTableSaysOfEachArgumentWhatTheKernelSays() throws IOException, InterruptedException {
    var told = toldByTheKernel();
    assumeTrue(told.size() > 200, "this kernel tells no arguments, or this user may not mount tracefs");
    var differences = new ArrayList<String>();

    told.forEach((call, types) -> {
      var signature = CallSignature.of(call);
      if (signature.isPresent() && signature.get().count() == types.size()) {
        for (int i = 0; i < types.size(); i++) {
          var kind = signature.get().kind(i);
          if (kind != Kind.EITHER && kind.width() != width(types.get(i)) && !NARROWER.contains(call + " " + i)) {
            differences.add(call + " " + i + ": " + types.get(i) + " is " + kind);
          }
        }
      } else {
        differences.add(call + ": " + types + " is " + signature);
      }
    });

    assertThat(differences).isEmpty();
  }

  @Test
  void everyCallIsListedOnceAndHasAtMostSixArguments() {
    assertThat(CallSignature.all().values()).allSatisfy(each -> {
      assertThat(each.count()).isBetween(0, 6);
      for (int i = 0; i < each.count(); i++) {
        assertThat(each.kind(i)).isNotNull();
      }
    });
  }

  private static int width(String type) {
    boolean address = type.contains("*") || type.contains("cap_user_");
    return address || WIDE.contains(type.replace("const ", "")) ? 64 : type.equals("umode_t") ? 16 : 32;
  }

  /** The types of the arguments, by call, in a mount namespace of its own where tracefs can be mounted for that. */
  private static Map<String, List<String>> toldByTheKernel() throws IOException, InterruptedException {
    var process = new ProcessBuilder("unshare", "-m", "sh", "-c",
        "mount -t tracefs none /sys/kernel/tracing && cd /sys/kernel/tracing/events/syscalls"
            + " && grep -H field: sys_enter_*/format").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    process.waitFor();
    var line = Pattern.compile("sys_enter_(\\w+)/format:\\s*field:(.*?)\\s*(\\w+);");
    var told = new TreeMap<String, List<String>>();
    var common = Set.of("common_type", "common_flags", "common_preempt_count", "common_pid", "__syscall_nr");
    output.lines().map(line::matcher).filter(java.util.regex.Matcher::find).forEach(found -> {
      var types = told.computeIfAbsent(NAMES.getOrDefault(found.group(1), found.group(1)), call -> new ArrayList<>());
      if (!common.contains(found.group(3))) {
        types.add(found.group(2));
      }
    });
    return told;
  }
}
