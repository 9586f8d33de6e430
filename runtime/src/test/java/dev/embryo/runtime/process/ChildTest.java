package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChildTest {
  @Test
  void nobodyButAChildIsKilledByPid() throws Exception {
    var shell = new ProcessBuilder("sh", "-c", "exec 3<&0; (read -r line <&3; echo \"$line\") & echo $!; wait").start();
    try (var output = shell.inputReader()) {
      int grandchild = Integer.parseInt(output.readLine());

      Child.killByPid(grandchild);

      shell.getOutputStream().write("it lives\n".getBytes(StandardCharsets.US_ASCII));
      shell.getOutputStream().close();
      assertThat(output.readLine()).isEqualTo("it lives");
      assertThat(shell.waitFor()).isZero();
    }
  }
}
