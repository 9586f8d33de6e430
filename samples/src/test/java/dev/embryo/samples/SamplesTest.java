package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The samples do what their comments say. */
class SamplesTest {
  /** What a program printed on both streams, and its exit status. */
  private record Run(int status, String output, String errors) {}

  @Test
  void theChecksumOfTheGrantedFileIsPrintedAndTheOtherFileIsNotThere() throws Exception {
    Run run = run(Path.of("checksum", "policy.yaml"));

    assertThat(run.output()).isEqualTo(sha256(Path.of("checksum", "message.txt")) + "  /in/message.txt\n");
    assertThat(run.errors()).contains("/etc/passwd: No such file or directory");
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void theHostileProgramStaysIn() throws Exception {
    Run run = run(Path.of("hostile", "policy.yaml"));

    assertThat(run.output()).doesNotContain("ESCAPED ").contains(" 0 skipped, 0 ESCAPED\n");
    assertThat(run.status()).isZero();
  }

  private static Run run(Path policy) throws IOException, InterruptedException {
    try (var process = Sandbox.builder().policy(Policies.load(policy)).build().launch()) {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(process.waitFor(), output, errors);
    }
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
