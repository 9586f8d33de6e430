package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthPlan;
import java.io.IOException;

/** placeholder */
public final class Embryo implements AutoCloseable {
  private final Conception conception;

  Embryo(BirthPlan plan, Conception conception) throws IOException {
    this.conception = conception;
    conception.awaitInit();
  }

  @Override
  public void close() {
    conception.abort();
  }
}
