package dev.embryo.policy.rights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.compile.Surface;
import dev.embryo.policy.compile.SurfaceRow;
import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.IoctlCommand;
import dev.embryo.policy.rights.RightsRow.Sort;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.Libseccomp;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No system call slips through the table, and none of its arguments that is a descriptor. */
class RightsTableTest {
  /** Descriptors that a program makes itself, of kinds that no capability is of; and what only drops them. */
  private static final Set<Sort> WITHOUT_USES = Set.of(Sort.HARMLESS, Sort.FORBIDDEN, Sort.CREATES_AUTHORITY);

  private static Set<String> calls() {
    return RightsTable.rows().stream().map(RightsRow::call).collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyCallThatLibseccompKnowsHasARow() throws Exception {
    var known = new TreeSet<>(Libseccomp.load().systemCalls().all().values());

    assertThat(calls()).containsAll(known);
  }

  @Test
  void everyCallThatTheKernelDescribesHasARow() {
    assertThat(calls()).containsAll(CallSignature.all().keySet());
  }

  @Test
  void theSurfaceHasTheSameCalls() {
    assertThat(Surface.rows().stream().map(SurfaceRow::call).sorted().toList()).containsExactlyElementsOf(calls());
  }

  @Test
  void whatIsForbiddenTheSurfaceGrantsToNobody() {
    var granted = Surface.rows().stream().filter(row -> !row.grants().isEmpty()).map(SurfaceRow::call)
        .collect(Collectors.toSet());

    assertThat(RightsTable.rows()).filteredOn(row -> row.sort() == Sort.FORBIDDEN).extracting(RightsRow::call)
        .doesNotContainAnyElementsOf(granted);
  }

  @Test
  void theCommandsAreThoseOfTheSurface() {
    assertThat(Arrays.stream(FcntlCommand.values()).map(FcntlCommand::number)).containsExactlyInAnyOrderElementsOf(
        commands("fcntl"));
    assertThat(Arrays.stream(IoctlCommand.values()).map(IoctlCommand::number)).containsExactlyInAnyOrderElementsOf(
        commands("ioctl"));
  }

  private static List<Integer> commands(String call) {
    return Surface.row(call).orElseThrow().grants().stream().map(grant -> (int) grant.when().get(0).value()).toList();
  }

  @Test
  void everyDescriptorOfACallThatNeedsRightsIsLookedAt() {
    for (RightsRow row : RightsTable.rows()) {
      if (row.sort() != Sort.NEEDS_RIGHT) {
        assertThat(WITHOUT_USES).contains(row.sort());
        continue;
      }
      var signature = CallSignature.of(row.call()).orElseThrow();
      var looked = new HashSet<Integer>();
      row.uses().forEach(use -> looked.add(use.argument()));
      for (int argument = 0; argument < signature.count(); argument++) {
        if (signature.kind(argument) == CallSignature.Kind.DESCRIPTOR && !isTarget(row.call(), argument)) {
          assertThat(looked).as("%s, argument %d", row.call(), argument).contains(argument);
        }
      }
    }
  }

  /** What a number is given away to, or watched by, is the program's own affair. */
  private static boolean isTarget(String call, int argument) {
    return switch (call) {
      case "dup2", "dup3" -> argument == 1;
      case "epoll_ctl" -> argument == 0;
      default -> false;
    };
  }
}
