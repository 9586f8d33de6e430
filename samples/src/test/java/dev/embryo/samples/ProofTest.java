package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.explain.ProofListing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code explain --proof} says. That it is true, {@link RightsAttackTest} shows. */
class ProofTest {
  private static String proof(ProbePolicy policy) throws IOException {
    return ProofListing.of(Sandbox.builder().policy(Policies.parse(policy.text(List.of()), Path.of("/"))).build().compiled());
  }

  private static final ProbePolicy RESTRICTED = ProbePolicy.LEAST.capability("log: {file: /etc/hostname, rights: [stat], fd: 7}");

  @Test
  void nothingRestrictedNeedsNoProof() throws Exception {
    assertThat(proof(ProbePolicy.LEAST)).isEqualTo("no descriptor has exact rights: nothing is withheld by number\n");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      -                                       | another number: dup, dup2, dup3, fcntl(F_DUPFD), fcntl(F_DUPFD_CLOEXEC)
      -                                       | the rights filter refuses sendmmsg, sendmsg
      -                                       | the program sees no /proc
      filesystem: {proc: own}                 | Landlock has no rule for a file
      system-calls: {allow: [socketpair]}     | the rights filter refuses sendmmsg, sendmsg
      system-calls: {on-denied: explain}      | tried on the filters: no call makes another number of it
      system-calls: {on-denied: kill}         | tried on the filters: no call makes another number of it
      processes: {spawn: true}                | it is under the same filters
      """)
  void everyWayIsThereWithWhatClosesIt(String section, String expected) throws Exception {
    var policy = section.equals("-") ? RESTRICTED : RESTRICTED.section(section);

    assertThat(proof(policy)).startsWith("descriptor 7, 'log', has [stat, poll] and nothing else\n").contains(expected)
        .contains("tried on the filters").doesNotContain("OPEN");
  }
}
