package dev.embryo.runtime.elf;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes are the headers of a program, or are not. */
class ElfFuzz {
  @FuzzTest
  void anyBytes(byte[] bytes) {
    try {
      Elf elf = Elf.parse(bytes, "program");
      if (elf.interpreter().filter(String::isEmpty).isPresent()) {
        throw new AssertionError("an interpreter without a name");
      }
    } catch (ElfException refused) {
      // said so
    }
  }
}
