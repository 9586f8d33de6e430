package dev.embryo.policy.resolve;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files in a directory that may be code: those with {@code .so} in their names and, if asked for, those with
 * permission to execute. Symbolic links are not followed, and what may not be read is left out.
 */
final class CodeFiles extends SimpleFileVisitor<Path> {
  /** More than any installation of an interpreter has; a bound on the work that a policy can cause. */
  private static final int MAX_FILES = 200_000;

  private final Path top;
  private final boolean programs;
  private final HostFiles files;
  private final List<Path> found = new ArrayList<>();
  private int seen;

  private CodeFiles(Path top, boolean programs, HostFiles files) {
    this.top = top;
    this.programs = programs;
    this.files = files;
  }

  /**
   * Looks through a directory.
   *
   * @param programs whether files with permission to execute count too
   * @param files learns what was looked at
   */
  static List<Path> in(Path directory, boolean programs, HostFiles files) throws IOException {
    CodeFiles code = new CodeFiles(directory, programs, files);
    Files.walkFileTree(directory, code);
    return code.found;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
    files.listed(directory.toString());
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (++seen > MAX_FILES) {
      throw new ProgramException(top + " holds more than " + MAX_FILES + " files; name directories in it instead");
    }
    if (attributes.isRegularFile() && (isLibrary(file) || (programs && Files.isExecutable(file)))) {
      files.lstat(file.toString());
      found.add(file);
    }
    return FileVisitResult.CONTINUE;
  }

  private static boolean isLibrary(Path file) {
    Path name = file.getFileName();
    return name != null && (name.toString().endsWith(".so") || name.toString().contains(".so."));
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
    return FileVisitResult.CONTINUE;
  }
}
