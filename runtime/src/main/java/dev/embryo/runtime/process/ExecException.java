package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.ElfException;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The kernel refused to execute a program. The message says what is missing, as far as the file tells: ENOENT is about
 * the interpreter, not about the file, which was open already; see execve(2).
 */
public final class ExecException extends BirthException {
  private static final long serialVersionUID = 1L;

  /** The only system call that a birth executes its program with. */
  static final String CALL = "execveat";

  private final @Nullable String interpreter;

  ExecException(Operation operation, int errno) {
    super(operation, errno);
    interpreter = null;
  }

  private ExecException(Operation operation, int errno, String explanation, @Nullable String interpreter) {
    super(operation, errno, explanation.isEmpty() ? "" : explanation + ": ");
    this.interpreter = interpreter;
  }

  /**
   * That a program cannot be executed, of a refusal of a step that belongs to it.
   *
   * @param explanation what is in the way, without a full stop; empty if that is not known
   */
  public static ExecException of(BirthException refusal, String explanation) {
    return new ExecException(refusal.operation(), refusal.errno(), explanation, null);
  }

  /** The interpreter that the file names and the embryo does not have: a dynamic loader. */
  public Optional<String> missingInterpreter() {
    return Optional.ofNullable(interpreter);
  }

  /** The same failure, explained by the file that was to be executed. */
  ExecException explainedBy(Fd executable) {
    var file = Path.of("/proc/self/fd/" + executable.number());
    try {
      if (Errno.EACCES.is(errno())) {
        return explained(whyDenied(file), null);
      }
      return Errno.ENOENT.is(errno()) || Errno.ENOEXEC.is(errno()) ? explainedByHeaders(file) : this;
    } catch (IOException | UnsupportedOperationException unreadable) {
      addSuppressed(unreadable);
      return this;
    }
  }

  private ExecException explained(String explanation, @Nullable String missing) {
    return new ExecException(operation(), errno(), explanation, missing);
  }

  private ExecException explainedByHeaders(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var missing = Elf.read(channel, "the file").interpreter();
      return Errno.ENOENT.is(errno()) && missing.isPresent()
          ? explained("there is no " + missing.get() + ", its interpreter, in the embryo's root", missing.get())
          : this;
    } catch (ElfException notSuchAProgram) {
      var script = notSuchAProgram.reason() == ElfException.Reason.SCRIPT
          ? " (scripts do not run by descriptor: execute the interpreter, and let it open the script)"
          : "";
      return explained(notSuchAProgram.getMessage() + script, null);
    }
  }

  private static String whyDenied(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return "it is not a regular file";
    }
    var executable = EnumSet.of(PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.OTHERS_EXECUTE);
    executable.retainAll(Files.getPosixFilePermissions(file));
    return executable.isEmpty()
        ? "it has no execute permission"
        : "the embryo's user may not execute it, or its file system is mounted noexec";
  }
}
