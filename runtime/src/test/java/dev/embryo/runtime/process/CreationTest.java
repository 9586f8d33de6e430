package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How a JVM makes embryos, as strace sees it. */
@ExtendWith(NothingLeftBehind.class)
class CreationTest {
  private static final Pattern MAKES_A_PROCESS = Pattern.compile("^(\\d+) +(v?fork|clone3?)\\((.*)");

  @Test
  void theJvmForksNothingButSpawnsTheZygoteOnceAndUsesNoIoUring(@TempDir Path folder) throws Exception {
    var strace = Path.of("/usr/bin/strace");
    assumeTrue(Files.isExecutable(strace), "strace is not installed");
    var log = folder.resolve("calls");
    var jvm = new ProcessBuilder(ChildJvm.command(
        List.of(strace.toString(), "-f", "-qq", "-o", log.toString(), "-e",
            "trace=fork,vfork,clone,clone3,io_uring_setup"), "births"))
        .redirectErrorStream(true).start();
    try (var output = jvm.getInputStream()) {
      var text = new String(output.readAllBytes());
      assumeTrue(jvm.waitFor() == 0 && text.contains("done"), "strace may not trace here: " + text);
    }
    var calls = Files.readAllLines(log);
    assertThat(calls).noneMatch(line -> line.contains("io_uring_setup"));
    var processes = calls.stream().map(MAKES_A_PROCESS::matcher).filter(m -> m.find())
        .filter(m -> !m.group(3).contains("CLONE_THREAD")).toList();
    var births = processes.stream().filter(m -> m.group(3).contains("CLONE_PARENT")).toList();
    assertThat(births).as("three embryos, and three of helper, init and embryo").hasSize(3 + 9);
    var byTheJvm = processes.subList(0, processes.indexOf(births.get(0))); // the zygote; before it ldconfig, by JNA
    assertThat(byTheJvm.size() + births.size()).as("the JVM makes none for a birth").isEqualTo(processes.size());
    assertThat(byTheJvm).isNotEmpty().allMatch(m -> m.group(3).contains("CLONE_VM|CLONE_VFORK"));
  }
}
