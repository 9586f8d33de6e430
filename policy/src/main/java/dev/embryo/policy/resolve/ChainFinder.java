package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.ElfException;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out what the kernel does to execute a file (execve(2), {@code fs/binfmt_script.c}), and what it would miss.
 *
 * <p>{@code #!/usr/bin/env NAME} is followed to the program that env(1) would find, in the {@code PATH} of the policy's
 * environment or, without one, where execvp(3) looks.
 */
final class ChainFinder {
  /** The kernel executes no more scripts for one another ({@code exec_binprm} in {@code fs/exec.c}). */
  private static final int MAX_SCRIPTS = 5;

  /** {@code _CS_PATH} of confstr(3), which execvp(3) takes when there is no PATH. */
  private static final String DEFAULT_PATH = "/bin:/usr/bin";

  private final HostFiles files;
  private final Optional<Machine> machine;
  private final Optional<String> path;

  ChainFinder(HostFiles files, Optional<Machine> machine, Map<String, String> environment) {
    this.files = files;
    this.machine = machine;
    this.path = Optional.ofNullable(environment.get("PATH"));
  }

  /**
   * Follows a file.
   *
   * @param name the path by which it is executed
   * @param file what is there
   * @param argument0 its {@code argv[0]}
   */
  Chain find(String name, HostFiles.Walk file, String argument0) throws IOException {
    return new Pursuit(argument0).of(name, file);
  }

  /** The machine that programs have to be for. */
  Machine machine() throws ProgramException {
    return machine.orElseThrow(
        () -> new ProgramException("Embryo runs programs on x86-64 and aarch64, and this machine is neither"));
  }

  private static void requireExecutable(HostFiles.Walk file) throws ProgramException {
    HostNode node = file.node();
    if (!node.isRegular()) {
      throw new ProgramException(file.real() + " is " + node.kind() + ", not a program");
    }
    if (!node.hasExecutableBit()) {
      throw new ProgramException(file.real() + " is not executable (permissions " + node.permissions() + ")");
    }
  }

  private static void requireProgram(String path, Elf elf, Machine here) throws ProgramException {
    if (elf.machine() != here) {
      throw new ProgramException(path + " is for " + elf.machine().displayName() + ", and this machine is "
          + here.displayName());
    }
    if ((elf.interpreter().isEmpty() && !elf.needed().isEmpty()) || elf.entryPoint() == 0) {
      throw new ProgramException(path + " is a shared library, not a program");
    }
  }

  private static Shebang shebang(HostFiles.Walk script) throws IOException {
    try (InputStream content = Files.newInputStream(Path.of(script.real()))) {
      return Shebang.parse(content.readNBytes(Shebang.HEAD), script.real());
    }
  }

  /** One file that is followed. */
  private final class Pursuit {
    private final List<HostFiles.Walk> scripts = new ArrayList<>();
    private final List<HostFiles.Walk> finders = new ArrayList<>();
    private final List<String> command = new ArrayList<>();

    Pursuit(String argument0) {
      command.add(argument0);
    }

    Chain of(String name, HostFiles.Walk file) throws IOException {
      requireExecutable(file);
      Machine here = machine();
      try {
        Elf elf = Elf.read(Path.of(file.real()));
        requireProgram(file.real(), elf, here);
        return new Chain(scripts, finders, file, elf, command);
      } catch (ElfException e) {
        if (e.reason() == ElfException.Reason.NOT_ELF) {
          throw new ProgramException(
              file.real() + " is neither an ELF file nor a script that begins with '#!' and names its interpreter");
        } else if (e.reason() != ElfException.Reason.SCRIPT) {
          throw e;
        }
      }
      if (scripts.size() == MAX_SCRIPTS) {
        throw new ProgramException(scripts.get(0).real() + " is a script for a script, and so on: the kernel follows "
            + MAX_SCRIPTS + ", and " + file.real() + " is one more");
      }
      scripts.add(file);
      Shebang line = shebang(file);
      command.set(0, name);
      return EnvCommand.isFor(line) ? found(EnvCommand.of(line, file.real()), line, file) : direct(line, file);
    }

    private Chain direct(Shebang line, HostFiles.Walk script) throws IOException {
      line.argument().ifPresent(argument -> command.add(0, argument));
      command.add(0, line.interpreter());
      return of(line.interpreter(), interpreter(line.interpreter(), script));
    }

    private Chain found(EnvCommand env, Shebang line, HostFiles.Walk script) throws IOException {
      finders.add(interpreter(line.interpreter(), script));
      String found = env.name().contains("/") ? env.name() : search(env.name(), script);
      command.addAll(0, env.arguments());
      command.add(0, env.name());
      return of(found, interpreter(found, script));
    }

    private HostFiles.Walk interpreter(String path, HostFiles.Walk script) throws IOException {
      if (!path.startsWith("/")) {
        throw new ProgramException(script.real() + " is a script whose interpreter, '" + path
            + "', is not absolute: which file that is would depend on the working directory");
      }
      try {
        return files.walk(path);
      } catch (HostPathException e) {
        throw new ProgramException(script.real() + " is a script, and its interpreter is missing: " + e.getMessage());
      }
    }

    private String search(String name, HostFiles.Walk script) throws IOException {
      String list = path.orElse(DEFAULT_PATH);
      for (String directory : list.split(":", -1)) {
        String candidate = directory + "/" + name;
        if (directory.startsWith("/") && isExecutable(candidate)) {
          return candidate;
        }
      }
      throw new ProgramException(script.real() + " is a script, and its interpreter is missing: env finds no '" + name
          + "' in " + list + (path.isPresent() ? ", the PATH of program.environment"
              : "; other directories are searched when program.environment has a PATH"));
    }

    private boolean isExecutable(String candidate) throws IOException {
      try {
        HostNode node = files.walk(candidate).node();
        return node.isRegular() && node.hasExecutableBit();
      } catch (HostPathException e) {
        return false;
      }
    }
  }
}
