package dev.embryo.policy.parse;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Filesystem;
import dev.embryo.policy.model.Identity;
import dev.embryo.policy.model.Isolation;
import dev.embryo.policy.model.Limits;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Processes;
import dev.embryo.policy.model.Program;
import dev.embryo.policy.model.SystemCallRules;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the text of a policy.
 *
 * <p>The parser touches no file and keeps no state; it is safe for use by many threads. The language is described at
 * the {@linkplain dev.embryo.policy.parse package}.
 *
 * <pre>{@code
 * Path file = Path.of("thumbnailer.yaml").toAbsolutePath();
 * Policy policy = PolicyParser.parse("thumbnailer.yaml", file.getParent(), Files.readAllBytes(file));
 * }</pre>
 */
public final class PolicyParser {

  private PolicyParser() {}

  /**
   * Reads a policy.
   *
   * @param fileName what to call the policy in errors
   * @param baseDirectory the directory at which relative paths of the policy start: absolute; normally that of the
   *     policy file
   * @param bytes the text in UTF-8, at most 1 MiB; after a signature was checked, exactly the bytes that were signed
   * @return the policy, with every default filled in
   * @throws PolicyException if the text is not a policy of this language or asks for something that this version does
   *     not support, with every error that was found and its place
   * @throws IllegalArgumentException if the base directory is not absolute
   */
  public static Policy parse(String fileName, Path baseDirectory, byte[] bytes) throws PolicyException {
    return policy(read(fileName, baseDirectory, bytes));
  }

  private static Values read(String fileName, Path baseDirectory, byte[] bytes) throws PolicyException {
    if (!baseDirectory.isAbsolute()) {
      throw new IllegalArgumentException("the base directory must be absolute: " + baseDirectory);
    }
    Problems problems = new Problems();
    Tree tree = TreeReader.read(SourceText.decode(fileName, bytes), problems);
    Values values = SchemaReader.read(tree, baseDirectory, problems);
    CapabilityReader.read(values, problems);
    IsolationReader.read(values, problems);
    problems.throwIfAny();
    return values;
  }

  private static Policy policy(Values values) {
    Map<String, Capability> capabilities = CapabilityReader.read(values, new Problems());
    return new Policy(
        values.get(KeyTable.NAME),
        values.get(KeyTable.VERSION),
        program(values),
        capabilities,
        new Filesystem(values.get(KeyTable.PROGRAMS), values.get(KeyTable.PROC), values.get(KeyTable.DEVICES)),
        new Processes(values.get(KeyTable.THREADS), values.get(KeyTable.SPAWN), values.get(KeyTable.EXECUTE), values.get(KeyTable.JIT)),
        new SystemCallRules(
            values.get(KeyTable.ALLOW), values.get(KeyTable.DENY), values.get(KeyTable.ON_DENIED)),
        limits(values),
        identity(values),
        IsolationReader.read(values, new Problems()),
        values.places());
  }

  /**
   * Writes a policy out: with its profile merged in, every default in its place and every path absolute.
   *
   * @param fileName what to call the policy in errors
   * @param baseDirectory the directory at which relative paths of the policy start, absolute
   * @param bytes the text, as for {@link #parse}
   * @return a policy that means the same wherever it is kept, for as long as its profile holds the same
   * @throws PolicyException as {@link #parse} does
   */
  public static String expand(String fileName, Path baseDirectory, byte[] bytes) throws PolicyException {
    Values values = read(fileName, baseDirectory, bytes);
    return Expansion.of(values, policy(values));
  }

  private static Program program(Values values) {
    Map<String, String> environment = new LinkedHashMap<>();
    values.names("program.environment")
        .keySet()
        .forEach(name -> environment.put(name, values.find(KeyTable.VARIABLE, name).orElseThrow()));
    return new Program(
        values.get(KeyTable.PATH),
        values.get(KeyTable.ARGUMENTS),
        environment,
        values.get(KeyTable.DIRECTORY),
        values.find(KeyTable.ARGV0),
        values.find(KeyTable.SHA256));
  }

  private static Limits limits(Values values) {
    return new Limits(
        orUnlimited(values.find(KeyTable.MEMORY)),
        values.get(KeyTable.STACK),
        values.get(KeyTable.OPEN_FILES),
        values.get(KeyTable.PROCESSES),
        values.find(KeyTable.CPU_TIME),
        values.find(KeyTable.WALL_TIME),
        orUnlimited(values.find(KeyTable.FILE_SIZE)),
        values.get(KeyTable.CORE),
        values.get(KeyTable.LOCKED),
        values.get(KeyTable.QUEUES),
        values.get(KeyTable.PRIORITY));
  }

  private static OptionalLong orUnlimited(Optional<Long> bytes) {
    return bytes.map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private static Identity identity(Values values) {
    return new Identity(
        orChosen(values.find(KeyTable.USER)),
        orChosen(values.find(KeyTable.GROUP)),
        values.get(KeyTable.GROUPS),
        values.get(KeyTable.INSIDE_USER),
        values.get(KeyTable.INSIDE_GROUP));
  }

  private static OptionalInt orChosen(Optional<Integer> id) {
    return id.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
