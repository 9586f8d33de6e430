package dev.embryo.launcher;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.CloudabiReader;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.policy.parse.PolicyTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads policies. Stateless. */
public final class Policies {
  private Policies() {}

  /**
   * Reads a policy file, once. Relative paths in it start at its directory.
   *
   * @throws PolicyException if it is no valid policy; the message names each place
   * @throws IOException if the file cannot be read
   */
  public static PolicyTemplate load(Path file) throws IOException {
    var bytes = read(file);
    var directory = file.toAbsolutePath().normalize().getParent();
    return PolicyParser.read(file.toString(), directory == null ? Path.of("/") : directory, bytes);
  }

  /**
   * Reads a configuration of CloudABI's {@code cloudabi-run} as a policy for the program, with the profile {@code pure}. Relative
   * paths start at the working directory, as they do there.
   *
   * @param configuration the file, once
   * @param program what the configuration is for
   * @throws PolicyException if it is no valid configuration; the message names each place
   * @throws IOException if the file cannot be read
   */
  public static PolicyTemplate loadCloudabi(Path configuration, Path program) throws IOException {
    return CloudabiReader.read(
        configuration.toString(), Path.of("").toAbsolutePath(), read(configuration), program, Files::isDirectory);
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory"); // of which reading would not say the name
    }
    try (var content = Files.newInputStream(file)) {
      return content.readNBytes(PolicyParser.LARGEST + 1); // a device has no end, and what is too large is refused
    }
  }

  /**
   * Parses a policy.
   *
   * @param text the policy
   * @param directory where relative paths in it start
   * @throws PolicyException if it is no valid policy; the message names each place, in a file called {@code policy}
   */
  public static PolicyTemplate parse(String text, Path directory) throws PolicyException {
    return PolicyParser.read("policy", directory.toAbsolutePath().normalize(), text.getBytes(StandardCharsets.UTF_8));
  }
}
