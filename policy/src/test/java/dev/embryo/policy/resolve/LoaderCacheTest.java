package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoaderCacheTest {
  private static final int X86_64 = 0x0303;
  private static final int AARCH64 = 0x0a03;
  private static final int I386 = 0x0003;
  private static final long HWCAPS_EXTENSION = 1L << 62;
  private static final int HEADER = 48;

  /** One entry of a handmade cache. */
  record Entry(int flags, String name, String path, long hwcap) {}

  @Test
  void aNameIsFoundForTheMachineThatAsks() throws IOException {
    byte[] bytes = cache(
        new Entry(I386, "libz.so.1", "/lib32/libz.so.1", 0),
        new Entry(AARCH64, "libz.so.1", "/arm/libz.so.1", 0),
        new Entry(X86_64, "libz.so.1", "/lib64/libz.so.1", 0),
        new Entry(X86_64, "libz.so", "/lib64/libz.so", 0));

    assertThat(lookup(bytes, "libz.so.1")).containsExactly("/lib64/libz.so.1");
    assertThat(LoaderCache.parse(bytes, Machine.AARCH64, "c").lookup("libz.so.1")).containsExactly("/arm/libz.so.1");
    assertThat(lookup(bytes, "libz.so.2")).isEmpty();
    assertThat(lookup(bytes, "libz")).isEmpty();
  }

  @Test
  void theFileForEveryProcessorComesBeforeThoseForSome() throws IOException {
    byte[] bytes = cache(
        new Entry(X86_64, "liba.so", "/a/glibc-hwcaps/x86-64-v3/liba.so", HWCAPS_EXTENSION | 1),
        new Entry(X86_64, "liba.so", "/a/glibc-hwcaps/x86-64-v2/liba.so", HWCAPS_EXTENSION),
        new Entry(X86_64, "liba.so", "/a/liba.so", 0));

    assertThat(lookup(bytes, "liba.so")).containsExactly(
        "/a/liba.so", "/a/glibc-hwcaps/x86-64-v3/liba.so", "/a/glibc-hwcaps/x86-64-v2/liba.so");
  }

  @Test
  void aCacheBehindOneInTheOldFormatIsRead() throws IOException {
    byte[] modern = cache(new Entry(X86_64, "liba.so", "/a/liba.so", 0));
    ByteBuffer old = ByteBuffer.allocate(32 + modern.length).order(ByteOrder.LITTLE_ENDIAN);
    old.put("ld.so-1.7.0".getBytes(StandardCharsets.US_ASCII)).position(12);
    old.putInt(1).position(32);
    old.put(modern);

    assertThat(lookup(old.array(), "liba.so")).containsExactly("/a/liba.so");
    assertDamaged(Arrays.copyOf(old.array(), 20), "its part in the old format does not end");
    assertDamaged(Arrays.copyOf(old.array(), 14), "its part in the old format does not end");
    old.putInt(12, -1);
    assertDamaged(old.array(), "its part in the old format does not end");
  }

  @Test
  void everyEntryOfThisHostIsFoundWhereLdconfigPrintsIt() throws Exception {
    Tool.require("ldconfig");
    Path file = Path.of("/etc/ld.so.cache");
    assumeTrue(Files.isReadable(file) && Machine.current().isPresent(), "no loader cache for this machine");
    LoaderCache cache = LoaderCache.parse(Files.readAllBytes(file), Machine.current().get(), file.toString());
    String kind = Machine.current().get() == Machine.X86_64 ? "(libc6,x86-64)" : "(libc6,AArch64)";

    Map<String, String> printed = new LinkedHashMap<>();
    for (String line : Tool.run(List.of("ldconfig", "-p")).output().split("\n")) {
      String[] words = line.trim().split(" ");
      if (words.length == 4 && words[1].equals(kind)) {
        printed.putIfAbsent(words[0], words[3]);
      }
    }

    assertThat(printed).isNotEmpty();
    for (Map.Entry<String, String> entry : printed.entrySet()) {
      assertThat(cache.lookup(entry.getKey())).first().isEqualTo(entry.getValue());
    }
  }

  @Test
  void whatIsNoCacheIsSaid() {
    assertDamaged(new byte[0], "it has no header of the format glibc-ld.so.cache1.1");
    assertDamaged(Arrays.copyOf(cache(), HEADER - 1), "it has no header of the format glibc-ld.so.cache1.1");
    assertDamaged("glibc-ld.so.cache1.2".repeat(5).getBytes(StandardCharsets.US_ASCII),
        "it has no header of the format glibc-ld.so.cache1.1");
  }

  @Test
  void aCacheOfAnotherByteOrderIsSaid() {
    byte[] bytes = cache();
    bytes[28] = 3;

    assertDamaged(bytes, "it was made for another byte order");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 1_000_000, Integer.MAX_VALUE, -1})
  void aCountThatDoesNotFitIsSaid(int count) {
    byte[] bytes = Arrays.copyOf(cache(new Entry(X86_64, "a", "/a", 0)), HEADER + 24 + 5);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(20, count);

    assertDamaged(bytes, "it says it has " + Integer.toUnsignedString(count) + " entries, but is too short for them");
  }

  @Test
  void anEntryThatPointsAnywhereIsSaidWhenItIsRead() {
    assertThatThrownBy(() -> lookup(patched(HEADER + 4, -1), "liba.so"))
        .hasMessageContaining("an entry points behind its end");
    assertThatThrownBy(() -> lookup(patched(HEADER + 8, 1 << 30), "liba.so"))
        .hasMessageContaining("an entry points behind its end");
    assertThatThrownBy(() -> lookup(patched(HEADER + 8, HEADER + 24), "liba.so"))
        .hasMessageContaining("the path of liba.so is not absolute");
    byte[] cut = cache(new Entry(X86_64, "liba.so", "/a/liba.so", 0));
    assertThatThrownBy(() -> lookup(Arrays.copyOf(cut, cut.length - 1), "liba.so"))
        .hasMessageContaining("the path of liba.so does not end");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void mutatedCachesAreReadOrRefusedButNothingElse(long seed) {
    Random random = new Random(seed);
    byte[] original = cache(
        new Entry(X86_64, "liba.so", "/a/liba.so", 0), new Entry(X86_64, "libb.so", "/b/libb.so", HWCAPS_EXTENSION));
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = Arrays.copyOf(original, random.nextInt(4) > 0 ? original.length : random.nextInt(original.length));
      for (int change = random.nextInt(4); change >= 0 && bytes.length > 20; change--) {
        bytes[20 + random.nextInt(bytes.length - 20)] = (byte) random.nextInt();
      }
      try {
        lookup(bytes, "liba.so");
        lookup(bytes, "libb.so");
      } catch (LoaderCacheException e) {
        refused++;
      } catch (IOException e) {
        throw new AssertionError("round " + round, e);
      }
    }
    assertThat(refused).isBetween(1, 49_999);
  }

  private static byte[] patched(int at, int value) {
    byte[] bytes = cache(new Entry(X86_64, "liba.so", "/a/liba.so", 0));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return bytes;
  }

  private static List<String> lookup(byte[] bytes, String name) throws IOException {
    return LoaderCache.parse(bytes, Machine.X86_64, "ld.so.cache").lookup(name);
  }

  private static void assertDamaged(byte[] bytes, String what) {
    assertThatThrownBy(() -> LoaderCache.parse(bytes, Machine.X86_64, "/etc/ld.so.cache"))
        .isInstanceOf(LoaderCacheException.class)
        .hasMessage("/etc/ld.so.cache: not a sound loader cache: " + what + "; run ldconfig to make a new one");
  }

  /** A cache in the format of ldconfig. */
  static byte[] cache(Entry... entries) {
    List<byte[]> strings = new ArrayList<>();
    int stringsAt = HEADER + entries.length * 24;
    int end = stringsAt;
    ByteBuffer table = ByteBuffer.allocate(entries.length * 24).order(ByteOrder.LITTLE_ENDIAN);
    for (Entry entry : entries) {
      byte[] name = (entry.name + "\0").getBytes(StandardCharsets.UTF_8);
      byte[] path = (entry.path + "\0").getBytes(StandardCharsets.UTF_8);
      table.putInt(entry.flags).putInt(end).putInt(end + name.length).putInt(0).putLong(entry.hwcap);
      end += name.length + path.length;
      strings.addAll(List.of(name, path));
    }
    ByteBuffer out = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    out.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII));
    out.putInt(entries.length).putInt(end - stringsAt).put((byte) 2).position(HEADER);
    out.put(table.array());
    strings.forEach(out::put);
    return out.array();
  }
}
