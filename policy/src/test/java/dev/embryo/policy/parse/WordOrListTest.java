package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Processes.Execute;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys with a few words, or a list in their place. */
class WordOrListTest {

  @Test
  void aListOfProgramsIsTheClosureAndPathsOfTheHost() throws Exception {
    assertThat(Texts.with("filesystem: {programs: [/usr/lib/python3.11, ./plugins/]}\n").filesystem().programs())
        .isEqualTo(Programs.closureAnd(List.of(Path.of("/usr/lib/python3.11"), Path.of("/srv/policies/plugins"))));
  }

  @Test
  void aListOfWhatMayBeExecutedHasPathsOfTheView() throws Exception {
    assertThat(Texts.with("processes: {execute: [/bin/true, /opt/x y]}\n").processes().execute())
        .isEqualTo(Execute.only(List.of("/bin/true", "/opt/x y")));
    assertThat(Texts.with("processes: {execute: view}\n").processes().execute()).isEqualTo(Execute.VIEW);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      filesystem: {programs: []}               | 4:24: filesystem.programs: an empty list shows no more than the closure; write closure
      filesystem: {programs: [a, ./a]}         | 4:28: filesystem.programs[1]: stands in the list twice
      filesystem: {programs: [a, '']}          | 4:28: filesystem.programs[1]: a path cannot be empty
      filesystem: {programs: {a: b}}           | 4:24: filesystem.programs: expected none, closure, system or a list of host paths, not a mapping
      processes: {execute: []}                 | 4:22: processes.execute: an empty list executes nothing; write none
      processes: {execute: [/a, /a]}           | 4:27: processes.execute[1]: stands in the list twice
      processes: {execute: [bin/true]}         | 4:23: processes.execute[0]: must be absolute: a path in the program's view, beginning with '/'
      processes: {execute: [/usr/../bin/true]} | 4:23: processes.execute[0]: must not hold '..'
      processes: {execute: true}               | 4:22: processes.execute: expected none, view or a list of view paths, not 'true'
      processes: {execute: [[/a]]}             | 4:23: processes.execute[0]: expected an absolute path in the program's view, not a list
      """)
  void whatIsWrongIsNamedWithItsPlace(String line, String error) {
    assertThat(Texts.errors(Texts.LEAST + line + "\n")).isEqualTo("p.yaml:" + error);
  }
}
