package dev.embryo.policy.parse;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.Template.Reference;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts what a launch adds into the values of a policy, each within its bounds. */
final class Binder {

  private static final String SECTION = "parameters";

  private final Values values;
  private final Map<String, Parameter> parameters;
  private final Binding binding;
  private final Problems problems = new Problems();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, ChosenPath> paths = new LinkedHashMap<>();

  /** A path that a launch chose, and the directory that it must not leave. */
  private record ChosenPath(Path path, Path under) {}

  private Binder(Values values, Map<String, Parameter> parameters, Binding binding) {
    this.values = values;
    this.parameters = parameters;
    this.binding = binding;
  }

  /**
   * The values without parameters.
   *
   * @throws PolicyException if something is missing, unknown or out of its bounds
   */
  static Values bind(Values values, Map<String, Parameter> parameters, Binding binding) throws PolicyException {
    Binder binder = new Binder(values, parameters, binding);
    binder.requireKnown();
    parameters.forEach(binder::take);
    binder.problems.throwIfAny(); // what follows needs them all
    Values bound = binder.fill();
    binder.problems.throwIfAny();
    return bound;
  }

  private void requireKnown() {
    Stream.of(binding.parameters(), binding.rights()).flatMap(given -> given.keySet().stream()).distinct().sorted()
        .filter(name -> !parameters.containsKey(name)).forEach(name -> problems.at(SECTION, values.places().at(SECTION),
            "none is called " + Printable.quote(name) + Nearest.hint(name, parameters.keySet())));
  }

  private void take(String name, Parameter parameter) {
    Optional<String> value = Optional.ofNullable(binding.parameters().get(name));
    if (binding.rights().containsKey(name) && !(parameter instanceof Parameter.Descriptor)) {
      refuse(name, "is " + parameter.noun() + ", and rights are granted to a descriptor");
    }
    if (parameter instanceof Parameter.Descriptor || parameter instanceof Parameter.Process) {
      value.ifPresent(v -> refuse(name, "is " + parameter.noun() + ", which a text cannot stand for"));
    } else if (parameter instanceof Parameter.Text text && value.isEmpty() && text.otherwise().isPresent()) {
      texts.put(name, text.otherwise().get());
    } else if (value.isEmpty()) {
      refuse(name, "has no value and no default, so a launch has to give one, such as --set " + name + "=VALUE");
    } else if (parameter instanceof Parameter.Text text) {
      ParameterValue.refusal(text, value.get())
          .ifPresentOrElse(refusal -> refuse(name, refusal), () -> texts.put(name, value.get()));
    } else if (parameter instanceof Parameter.DirectoryUnder directory) {
      takePath(name, directory.under(), true, value.get());
    } else if (parameter instanceof Parameter.FileUnder file) {
      takePath(name, file.under(), false, value.get());
    }
  }

  private void takePath(String name, Path under, boolean itself, String value) {
    ParameterValue.refusal(under, itself, value).ifPresentOrElse(
        refusal -> refuse(name, refusal),
        () -> paths.put(name, new ChosenPath(under.resolve(value).normalize(), under)));
  }

  private void refuse(String name, String message) {
    Position position = Objects.requireNonNull(values.names(SECTION).get(name));
    problems.at(SECTION + "." + name, position, message);
  }

  private Values fill() {
    Values bound = values.copy();
    values.find(KeyTable.PATH).ifPresent(path -> bound.put(KeyTable.PATH.path(), program(path)));
    List<Template> arguments = new ArrayList<>();
    values.get(KeyTable.ARGUMENTS).forEach(argument -> arguments.add(argument.filled(texts)));
    arguments.addAll(appended());
    bound.put(KeyTable.ARGUMENTS.path(), arguments);
    values.names("program.environment").keySet().forEach(name -> values.find(KeyTable.VARIABLE, name)
        .ifPresent(value -> bound.put(KeyTable.VARIABLE.path(name), value.filled(texts))));
    values.find(KeyTable.ARGUMENT_TREE)
        .ifPresent(tree -> bound.put(KeyTable.ARGUMENT_TREE.path(), tree.filled(texts)));
    values.get(KeyTable.INHERITED).forEach(inherited -> inherit(inherited, bound));
    values.names("capabilities").keySet().forEach(name -> {
      choose(KeyTable.FILE, name, bound);
      choose(KeyTable.TREE, name, bound);
      values.find(KeyTable.DESCRIPTOR, name).flatMap(Template::whole).map(binding.rights()::get)
          .ifPresent(granted -> narrow(name, granted, bound));
    });
    return bound;
  }

  /** A value in a path is a piece of one name: no path of its own, and no way up. */
  private HostTemplate program(HostTemplate path) {
    for (String name : path.text().names()) {
      if (Objects.requireNonNull(texts.get(name)).indexOf('/') >= 0) {
        refuse(name, "stands in a path, where a value cannot hold '/'");
        return path;
      }
    }
    HostTemplate filled = path.filled(texts);
    if (!path.text().names().isEmpty() && isOtherPlace(path)) {
      refuse(path.text().names().get(0), "makes a name of the path empty, '.' or '..'");
    } else {
      try {
        filled.path();
      } catch (InvalidPathException e) {
        problems.at(path.text().path(), path.text().position(),
            "cannot be a file name in this locale; run with LC_ALL=C.UTF-8");
      }
    }
    return filled;
  }

  /** Whether the name that holds a parameter comes to something that is not the name of a file. */
  private boolean isOtherPlace(HostTemplate path) {
    StringBuilder name = new StringBuilder();
    boolean holdsParameter = false;
    for (Template.Part part : path.text().parts()) {
      String text = part instanceof Reference reference
          ? Objects.requireNonNull(texts.get(reference.name()))
          : ((Template.Literal) part).text();
      if (part instanceof Reference) {
        holdsParameter = true;
        name.append(text);
        continue;
      }
      int slash = holdsParameter ? text.indexOf('/') : text.lastIndexOf('/');
      if (holdsParameter) {
        name.append(text, 0, slash < 0 ? text.length() : slash);
        break;
      }
      name.append(text.substring(slash + 1));
    }
    return List.of("", ".", "..").contains(name.toString());
  }

  private List<Template> appended() {
    ExtraArguments allowed = values.get(KeyTable.EXTRA_ARGUMENTS);
    List<String> arguments = binding.arguments();
    String path = KeyTable.EXTRA_ARGUMENTS.path();
    Position position = values.places().at(path);
    Template place = new Template(path, position, List.of());
    if (arguments.size() > allowed.max()) {
      problems.at(path, position, allowed.max() == 0
          ? "is 'none': a launch may append no arguments, and this one has " + arguments.size()
          : "a launch may append " + allowed.max() + " arguments at most, and this one has " + arguments.size());
      return List.of();
    }
    arguments.forEach(argument -> allowed.refusal(argument).ifPresent(why -> problems.at(path, position, why)));
    return arguments.stream().map(place::of).toList();
  }

  private void inherit(InheritedName inherited, Values bound) {
    String value = binding.environment().get(inherited.name());
    if (value == null) {
      return;
    }
    if (value.indexOf('\uFFFD') >= 0 || ParameterValue.unfit(value.replace("\n", "").replace("\r", "")).isPresent()) {
      problems.at(inherited.path(), inherited.position(),
          "the launcher's '" + inherited.name() + "' is no text in this locale; run with LC_ALL=C.UTF-8");
      return;
    }
    String path = KeyTable.VARIABLE.path(inherited.name());
    bound.name("program.environment", inherited.name(), inherited.position());
    bound.put(path, new Template(path, inherited.position(), List.of()).of(value));
  }

  /** A launch may leave rights out, and adds none. */
  private void narrow(String name, Rights granted, Values bound) {
    String path = KeyTable.RIGHTS.path(name);
    Position position = values.places().at(path);
    RightsRule rule = Kind.PASSED.rights(values, name);
    Rights most = values.find(KeyTable.RIGHTS, name).flatMap(written -> rule.read(path, written, problems))
        .orElseGet(rule::unwritten);
    rule.read(path, WrittenRights.of(granted, path, position), problems).ifPresent(rights -> {
      if (!most.cover(rights)) {
        problems.at(path, position, "is " + most + ", and a launch cannot grant " + rights + ", which is more");
      }
      bound.put(path, WrittenRights.of(rights, path, position));
    });
  }

  private void choose(Key<HostTemplate> key, String name, Values bound) {
    values.find(key, name).ifPresent(path -> path.text().whole().ifPresent(parameter -> {
      ChosenPath choice = Objects.requireNonNull(paths.get(parameter));
      bound.put(key.path(name), path.chosen(choice.path(), choice.under()));
    }));
  }
}
