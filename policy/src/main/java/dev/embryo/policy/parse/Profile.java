package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A fragment that a policy may start from: keys that hold where the policy does not write them.
 *
 * <p>Each is a resource beside this class, {@code NAME.yaml}, in the language of policies and read by the same table.
 * Whether it is well-formed is known when Embryo is built.
 */
enum Profile {
  CLI,
  SERVER,
  PURE,
  PYTHON,
  NODE,
  JVM;

  private static final Map<Profile, Values> READ = new ConcurrentHashMap<>();

  /** What it writes. */
  Values fragment() {
    return READ.computeIfAbsent(this, Profile::read);
  }

  private Values read() {
    String file = name().toLowerCase(Locale.ROOT) + ".yaml";
    try (InputStream text = Profile.class.getResourceAsStream(file)) {
      if (text == null) {
        throw new IllegalStateException("this build of Embryo lacks the profile " + file);
      }
      return SchemaReader.readFragment("profile " + file, Path.of("/"), text.readAllBytes());
    } catch (PolicyException e) {
      throw new IllegalStateException("this build of Embryo has a wrong profile: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
