package dev.embryo.runtime.fd;

import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;

/** temporary: replaced by the process slice */
public final class PipeInputStream extends FilterInputStream {
  public PipeInputStream(Fd fd) throws IOException {
    super(new FileInputStream("/proc/self/fd/" + fd.number()));
    fd.close();
  }
}
