package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The tables of {@code docs/policy.md} are those that the key table gives. With {@code -Dembryo.regenerate=true} the
 * tests write them instead of comparing them.
 */
class PolicyReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "policy.md");
  private static final String COMMAND = "mvn -o -q -pl policy -am -Dtest=PolicyReferenceTest"
      + " -Dsurefire.failIfNoSpecifiedTests=false -Dembryo.regenerate=true test";

  /** A part of the document that is generated, between a comment with its name and the next comment. */
  enum Part {
    SUPPORTED("keys") {
      @Override
      String text() {
        return "\n" + PolicyReference.supportedAsMarkdown() + "\n";
      }
    },
    LATER("later keys") {
      @Override
      String text() {
        return "\n" + PolicyReference.laterAsMarkdown() + "\n";
      }
    };

    private final Pattern place;

    Part(String name) {
      place = Pattern.compile("(?s)(?<=<!-- generated: " + name + " -->\n).*?(?=<!-- end -->)");
    }

    abstract String text();

    private Matcher in(String document) {
      Matcher matcher = place.matcher(document);
      assertThat(matcher.find()).as("%s is in %s", place, REFERENCE).isTrue();
      return matcher;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theReferenceListsTheKeysOfTheTable(Part part) throws IOException {
    String document = Files.readString(REFERENCE);
    Matcher place = part.in(document);
    if (Boolean.getBoolean("embryo.regenerate")) {
      Files.writeString(REFERENCE, place.replaceFirst(Matcher.quoteReplacement(part.text())));
      return;
    }

    assertThat(place.group()).as("what stands in %s; to generate it anew: %s", REFERENCE, COMMAND).isEqualTo(part.text());
  }

  @Test
  void everyKeyTellsWhatItIs() {
    assertThat(PolicyReference.supported()).allSatisfy(row ->
        assertThat(List.of(row.key(), row.values(), row.otherwise(), row.doc())).as(row.key()).doesNotContain(""));
  }
}
