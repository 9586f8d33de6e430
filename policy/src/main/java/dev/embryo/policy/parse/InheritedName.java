package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Tree.Text;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a variable that is taken from the launcher's environment.
 *
 * @param path the item of the list
 * @param position where it stands
 * @param name the name
 */
record InheritedName(String path, Position position, String name) {

  private static final Pattern FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  private static final String LOADS_CODE =
      "tells the loader which code to run, and must not be the launcher's choice; write its value out";

  /**
   * Names that nobody may inherit, by the way they begin. The C library loads files by these (ld.so(8), iconv(1)); which
   * libraries are shown was decided without them.
   */
  private static final Map<String, String> REFUSED = Map.of(
      "LD_", LOADS_CODE,
      "GLIBC_TUNABLES", LOADS_CODE,
      "GCONV_PATH", LOADS_CODE,
      "LOCPATH", LOADS_CODE,
      "LISTEN_", "describes descriptors that the launcher has and the program has not");

  /** How it is written. */
  record Type() implements ValueType<InheritedName> {
    @Override
    public String expects() {
      return "a name of letters, digits and _, not beginning with a digit";
    }

    @Override
    public String values() {
      return "name";
    }

    @Override
    public Schema schema() {
      return Schema.matching(FORM.pattern());
    }

    @Override
    public Optional<InheritedName> read(Field field) {
      if (!(field.value() instanceof Text text) || !FORM.matcher(text.text()).matches()) {
        return field.mismatch(this);
      }
      String name = text.text();
      for (Map.Entry<String, String> row : REFUSED.entrySet()) {
        if (name.startsWith(row.getKey())) {
          return field.refuse("'" + name + "' " + row.getValue());
        }
      }
      return Optional.of(new InheritedName(field.path(), text.position(), name));
    }

    @Override
    public String write(InheritedName meaning) {
      return Flow.text(meaning.name);
    }
  }
}
