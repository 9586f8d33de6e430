package dev.embryo.policy.parse;

import com.google.re2j.Pattern;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Position;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads what a policy leaves to its launches: each parameter has bounds, stands somewhere, and stands where it fits. */
final class ParameterReader {

  /** The bounds that a parameter can have. */
  static final List<String> BOUNDS = List.of("matches", "directory", "file", "descriptor", "process");

  private static final String SECTION = "parameters";

  private final Values values;
  private final Problems problems;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  private ParameterReader(Values values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** The parameters by name; without those about which there is a problem. */
  static Map<String, Parameter> read(Values values, Problems problems) {
    ParameterReader reader = new ParameterReader(values, problems);
    values.names(SECTION).forEach(reader::declare);
    reader.use();
    values.names(SECTION).forEach(reader::requireUse);
    reader.checkInherited();
    return reader.parameters;
  }

  private void declare(String name, Position position) {
    String path = SECTION + "." + name;
    Map<String, Parameter> bounds = bounds(name);
    boolean hasDefault = values.find(KeyTable.PARAMETER_DEFAULT, name).isPresent();
    if (problems.touch(path)) {
      return;
    }
    if (bounds.size() != 1) {
      String found = String.join(", ", bounds.keySet());
      problems.at(path, position, bounds.isEmpty()
          ? "has no bounds; write one of " + String.join(", ", BOUNDS)
          : "has the bounds " + found + "; write one of them");
    } else if (hasDefault && !bounds.containsKey(KeyTable.MATCHES.word())) {
      String key = KeyTable.PARAMETER_DEFAULT.path(name);
      problems.at(key, values.places().at(key), "only a parameter with 'matches' has a default");
    } else {
      Parameter parameter = bounds.values().iterator().next();
      parameters.put(name, parameter);
      checkDefault(name, parameter);
    }
  }

  private Map<String, Parameter> bounds(String name) {
    Map<String, Parameter> bounds = new LinkedHashMap<>();
    Optional<Pattern> matches = values.find(KeyTable.MATCHES, name);
    Optional<Path> directory = values.find(KeyTable.DIRECTORY_UNDER, name);
    Optional<Path> file = values.find(KeyTable.FILE_UNDER, name);
    matches.ifPresent(m ->
        bounds.put("matches", new Parameter.Text(m, values.find(KeyTable.PARAMETER_DEFAULT, name))));
    directory.ifPresent(under -> bounds.put("directory", new Parameter.DirectoryUnder(under)));
    file.ifPresent(under -> bounds.put("file", new Parameter.FileUnder(under)));
    values.find(KeyTable.PARAMETER_DESCRIPTOR, name)
        .ifPresent(yes -> bounds.put("descriptor", new Parameter.Descriptor()));
    values.find(KeyTable.PARAMETER_PROCESS, name).ifPresent(yes -> bounds.put("process", new Parameter.Process()));
    return bounds;
  }

  private void checkDefault(String name, Parameter parameter) {
    String key = KeyTable.PARAMETER_DEFAULT.path(name);
    if (parameter instanceof Parameter.Text text) {
      text.otherwise()
          .flatMap(value -> ParameterValue.refusal(text, value))
          .ifPresent(refusal -> problems.at(key, values.places().at(key), refusal));
    }
  }

  private void use() {
    values.find(KeyTable.PATH).ifPresent(path -> use(path.text(), Parameter.Text.class, "a text"));
    values.find(KeyTable.ARGUMENTS).ifPresent(all -> all.forEach(one -> use(one, Parameter.Text.class, "a text")));
    values.find(KeyTable.ARGUMENT_TREE).ifPresent(tree -> tree.all().forEach(node -> {
      if (node instanceof ArgumentNode.Words words) {
        use(words.text(), Parameter.Text.class, "a text");
      }
    }));
    each("program.environment", name ->
        values.find(KeyTable.VARIABLE, name).ifPresent(text -> use(text, Parameter.Text.class, "a text")));
    each("capabilities", name -> {
      values.find(KeyTable.FILE, name).ifPresent(file -> use(file.text(), Parameter.FileUnder.class, "a file"));
      values.find(KeyTable.TREE, name)
          .ifPresent(tree -> use(tree.text(), Parameter.DirectoryUnder.class, "a directory"));
      values.find(KeyTable.DESCRIPTOR, name)
          .ifPresent(passed -> use(passed, Parameter.Descriptor.class, "a descriptor"));
      values.find(KeyTable.PROCESS, name).ifPresent(passed -> use(passed, Parameter.Process.class, "a process"));
    });
  }

  private void each(String section, Consumer<String> action) {
    values.names(section).keySet().forEach(action);
  }

  private void use(Template template, Class<? extends Parameter> wanted, String noun) {
    for (String name : new HashSet<>(template.names())) {
      used.add(name);
      Parameter parameter = parameters.get(name);
      if (parameter != null && !wanted.isInstance(parameter)) {
        problems.at(template.path(), template.position(),
            "'" + name + "' is " + parameter.noun() + ", and here stands " + noun);
      } else if (parameter == null && !values.names(SECTION).containsKey(name)) {
        List<String> known = new ArrayList<>(values.names(SECTION).keySet());
        problems.at(template.path(), template.position(),
            "no parameter is called '" + name + "'" + Nearest.hint(name, known));
      }
    }
  }

  private void requireUse(String name, Position position) {
    String path = SECTION + "." + name;
    // A text that could not be read may well have held it.
    boolean unknowable = problems.touch("program") || problems.touch("capabilities") || problems.touch("arguments");
    if (!used.contains(name) && !unknowable && !problems.touch(path)) {
      problems.at(path, position, "stands nowhere; write ${" + name + "} where its value belongs, or leave it out");
    }
  }

  private void checkInherited() {
    Set<String> seen = new HashSet<>();
    for (InheritedName inherited : values.get(KeyTable.INHERITED)) {
      if (!seen.add(inherited.name())) {
        problems.at(inherited.path(), inherited.position(), "'" + inherited.name() + "' stands in the list twice");
      } else if (values.names("program.environment").containsKey(inherited.name())) {
        problems.at(inherited.path(), inherited.position(),
            "'" + inherited.name() + "' has a value in program.environment already; write one of both");
      }
    }
  }
}
