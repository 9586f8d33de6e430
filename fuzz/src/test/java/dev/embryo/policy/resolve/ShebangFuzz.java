package dev.embryo.policy.resolve;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any first line names an interpreter, or is refused. */
class ShebangFuzz {
  @FuzzTest
  void anyBytes(byte[] bytes) {
    byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, Shebang.HEAD));
    if (!Shebang.begins(head)) {
      return;
    }
    try {
      if (Shebang.parse(head, "script").interpreter().isEmpty()) {
        throw new AssertionError("an interpreter without a name");
      }
    } catch (ProgramException refused) {
      // said so
    }
  }
}
