package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The table of {@code docs/policy.md} is that which the key table gives. With {@code -Dembryo.regenerate=true} the
 * test writes it instead of comparing it.
 */
class PolicyReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "policy.md");
  private static final String COMMAND = "mvn -o -q -pl policy -am -Dtest=PolicyReferenceTest"
      + " -Dsurefire.failIfNoSpecifiedTests=false -Dembryo.regenerate=true test";

  private static final Pattern PLACE = Pattern.compile("(?s)(?<=<!-- generated: keys -->\n).*?(?=<!-- end -->)");

  @Test
  void theReferenceListsTheKeysOfTheTable() throws IOException {
    String document = Files.readString(REFERENCE);
    Matcher place = PLACE.matcher(document);
    assertThat(place.find()).as("%s is in %s", PLACE, REFERENCE).isTrue();
    String table = "\n" + PolicyReference.asMarkdown() + "\n";
    if (Boolean.getBoolean("embryo.regenerate")) {
      Files.writeString(REFERENCE, place.replaceFirst(Matcher.quoteReplacement(table)));
      return;
    }

    assertThat(place.group()).as("what stands in %s; to generate it anew: %s", REFERENCE, COMMAND).isEqualTo(table);
  }

  @Test
  void everyKeyTellsWhatItIs() {
    assertThat(PolicyReference.keys()).allSatisfy(row ->
        assertThat(List.of(row.key(), row.values(), row.otherwise(), row.doc())).as(row.key()).doesNotContain(""));
  }
}
