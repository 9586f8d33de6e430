package dev.embryo.runtime.fd;

import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;

/** temporary: replaced by the process slice */
public final class PipeOutputStream extends FilterOutputStream {
  public PipeOutputStream(Fd fd) throws IOException {
    super(new FileOutputStream("/proc/self/fd/" + fd.number()));
    fd.close();
  }
}
