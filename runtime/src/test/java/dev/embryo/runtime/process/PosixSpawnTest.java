package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeftBehind.class)
class PosixSpawnTest {
  @Test
  void posixSpawnWithItsFileActionsCanBeWrittenOnTop(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("input"), "from a file\n");
    var pipe = FdPair.pipe();
    var inherited = FdPair.pipe();
    try (inherited; var output = new PipeInputStream(pipe.first())) {
      var spawn = new PosixSpawn().addchdir(folder.toString()).addopen(0, "input", PosixSpawn.READ)
          .adddup2(pipe.second().number(), 1).adddup2(1, 2).addclose(9);
      var given = Map.of(8, inherited.second(), 9, inherited.second());
      try (pipe; var process = spawn.spawn(given, "/bin/sh",
          List.of("sh", "-c", "pwd; cat; echo $WORD >&2; echo kept >&8; echo gone 2>/dev/null >&9; exit 5"),
          Map.of("WORD", "to both", "PATH", "/usr/bin:/bin"))) {
        pipe.second().close();
        assertThat(new String(output.readAllBytes(), StandardCharsets.UTF_8))
            .isEqualTo(folder.toRealPath() + "\nfrom a file\nto both\n");
        assertThat(process.waitFor().code()).isEqualTo(5);
      }
      assertThat(new PipeInputStream(inherited.first()).readNBytes(5)).asString().isEqualTo("kept\n");
    }
  }

  @Test
  void itsErrorsComeBackToTheCaller() {
    assertThatThrownBy(() -> new PosixSpawn().addopen(0, "/nowhere", 0)
        .spawn(Map.of(), "/bin/true", List.of("true"), Map.of())).hasMessageContaining("ENOENT");
    assertThatThrownBy(() -> new PosixSpawn().spawn(Map.of(), "/usr", List.of("usr"), Map.of()))
        .isInstanceOf(ExecException.class);
  }
}
