package dev.embryo.policy.parse;

import com.google.re2j.Pattern;
import java.nio.file.Path;
import java.util.Optional;

/** What a launch may put in the place of a parameter. */
sealed interface Parameter {

  /** What one such parameter is, as it ends the sentence "'name' is ...". */
  String noun();

  /**
   * A text.
   *
   * @param matches what all of it must match
   * @param otherwise the text when a launch gives none
   */
  record Text(Pattern matches, Optional<String> otherwise) implements Parameter {
    @Override
    public String noun() {
      return "a text";
    }
  }

  /** A directory: this one or one beneath it. */
  record DirectoryUnder(Path under) implements Parameter {
    @Override
    public String noun() {
      return "a directory";
    }
  }

  /** A file beneath this directory. */
  record FileUnder(Path under) implements Parameter {
    @Override
    public String noun() {
      return "a file";
    }
  }

  /** A process. */
  record Process() implements Parameter {
    @Override
    public String noun() {
      return "a process";
    }
  }

  /** An open descriptor. */
  record Descriptor() implements Parameter {
    @Override
    public String noun() {
      return "a descriptor";
    }
  }
}
