package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.embryo.client.Capabilities;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;

/** A program in Java under a policy: finds its capabilities by name, uses them, and prints its structured arguments. */
public final class ClientMain {
  private ClientMain() {}

  /** Runs the program. */
  @SuppressWarnings("resource")
  public static void main(String[] words) throws IOException {
    var capabilities = Capabilities.ofThisProcess();
    // Neither is closed: at their numbers a library that is loaded later could not be mapped.
    var letter = new BufferedReader(new InputStreamReader(new FileInputStream(capabilities.descriptor("letter")), UTF_8));
    var log = new FileOutputStream(capabilities.descriptor("log"));
    log.write(("read: " + letter.readLine() + '\n').getBytes(UTF_8));
    System.out.println(capabilities.names() + " " + capabilities.find("stdout").isPresent());
    var arguments = capabilities.arguments();
    System.out.write((arguments + "\n").getBytes(UTF_8));
    System.out.println(arguments != null && arguments.equals(capabilities.arguments()));
  }
}
