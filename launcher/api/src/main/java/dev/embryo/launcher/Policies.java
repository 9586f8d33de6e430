package dev.embryo.launcher;

import dev.embryo.policy.model.PolicyException;
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
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory"); // of which reading would not say the name
    }
    var directory = file.toAbsolutePath().normalize().getParent();
    return PolicyParser.read(file.toString(), directory == null ? Path.of("/") : directory, Files.readAllBytes(file));
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
