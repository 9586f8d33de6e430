package dev.embryo.policy.resolve;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.embryo.runtime.elf.Machine;
import java.util.List;

/** Any bytes are a loader's cache that can be asked, or are damaged. */
class LoaderCacheFuzz {
  @FuzzTest
  void anyBytes(byte[] bytes) {
    try {
      LoaderCache cache = LoaderCache.parse(bytes, Machine.X86_64, "cache");
      for (String name : List.of("libc.so.6", "", "a")) {
        if (!cache.lookup(name).stream().allMatch(path -> path.startsWith("/"))) {
          throw new AssertionError("a path that is not absolute");
        }
      }
    } catch (LoaderCacheException damaged) {
      // said so
    }
  }
}
