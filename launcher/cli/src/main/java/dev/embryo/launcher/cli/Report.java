package dev.embryo.launcher.cli;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.runtime.process.ExecException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what went wrong, in words for people, and with which status the command ends. Problems of a policy are printed as
 * they are, {@code FILE:LINE:COLUMN: message}, one a line, so that editors and terminals find the place; everything else
 * begins with {@code embryo: }. A stack trace appears only with {@code EMBRYO_DEBUG=1} in the environment.
 */
final class Report {
  private Report() {}

  /** For whatever is thrown. */
  static int failure(Throwable failure, PrintWriter err) {
    err.println(failure instanceof PolicyException problems ? problems.getMessage() : "embryo: " + message(failure));
    trace(failure, err);
    return status(failure);
  }

  /** Likewise, for machines: they get the answer where they look for one, and people the trace where they asked for one. */
  static int failure(Exception failure, PrintWriter out, PrintWriter err) throws IOException {
    int status = status(failure);
    Json.print(out, Answer.verdict(status, problems(failure)));
    trace(failure, err);
    return status;
  }

  private static List<Map<String, Object>> problems(Exception failure) {
    return failure instanceof PolicyException policy ? policy.problems().stream().map(Answer::problem).toList()
        : List.of(Answer.failure(message(failure)));
  }

  /** For a command line that cannot be understood. */
  static int usage(ParameterException failure) {
    var command = failure.getCommandLine();
    var out = command.getErr();
    out.println("embryo: " + what(failure) + suggestion(failure));
    out.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    trace(failure, out);
    return Status.LAUNCHER;
  }

  private static String what(ParameterException failure) {
    var words = Objects.requireNonNullElse(failure.getMessage(), "the command line cannot be understood");
    boolean isCommand = failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
        && !failure.getCommandLine().getSubcommands().isEmpty();
    return isCommand ? "unknown command: '" + ((UnmatchedArgumentException) failure).getUnmatched().get(0) + "'"
        : lowerFirst(words.lines().findFirst().orElse(words)).replace("option option", "option"); // so picocli says it of maps
  }

  private static String suggestion(ParameterException failure) {
    return failure instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()
        ? "; did you mean '" + unmatched.getSuggestions().get(0).replaceFirst("[ =].*", "") + "'?" : "";
  }

  private static String lowerFirst(String text) {
    return Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static void trace(Throwable failure, PrintWriter out) {
    if (Objects.equals(System.getenv("EMBRYO_DEBUG"), "1")) {
      failure.printStackTrace(out);
    }
    out.flush();
  }

  private static String message(Throwable failure) {
    if (failure instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    } else if (failure instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    } else if (failure instanceof FileSystemException other && other.getReason() != null) {
      return other.getFile() + ": " + lowerFirst(other.getReason());
    } else if (failure instanceof IOException && failure.getMessage() != null) {
      return failure.getMessage();
    }
    return "unexpected: " + failure + " (EMBRYO_DEBUG=1 shows where)";
  }

  private static int status(Throwable failure) {
    if (failure instanceof PolicyException policy) {
      return status(policy.problems());
    }
    return failure instanceof ExecException ? Status.CANNOT_EXECUTE : Status.LAUNCHER;
  }

  /** The program's own status if nothing but the program is to blame. */
  private static int status(List<Problem> problems) {
    var kinds = problems.stream().map(Problem::kind).distinct().toList();
    return kinds.size() != 1 ? Status.LAUNCHER
        : switch (kinds.get(0)) {
          case POLICY -> Status.LAUNCHER;
          case PROGRAM_NOT_FOUND -> Status.NOT_FOUND;
          case PROGRAM_NOT_EXECUTABLE -> Status.CANNOT_EXECUTE;
        };
  }
}
