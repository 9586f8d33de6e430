package dev.embryo.policy.resolve;

import java.io.IOException;

/** A loader's cache that cannot be read; the message names the file, what is wrong and what to do. */
final class LoaderCacheException extends IOException {
  private static final long serialVersionUID = 1L;

  LoaderCacheException(String file, String what) {
    super(file + ": not a sound loader cache: " + what + "; run ldconfig to make a new one");
  }
}
