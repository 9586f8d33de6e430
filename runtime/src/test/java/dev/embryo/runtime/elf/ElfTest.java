package dev.embryo.runtime.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.elf.ElfException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElfTest {
  private static final long NEEDED = 1;
  private static final long SONAME = 14;
  private static final long RPATH = 15;
  private static final long RUNPATH = 29;
  private static final long FLAGS_1 = 0x6ffffffbL;

  @Test
  void everyFieldIsReadThroughTheAddressesThatTheLoaderUses() throws ElfException {
    Elf elf = parse(new HandmadeElf()
        .string(NEEDED, "libb.so.1")
        .string(NEEDED, "liba.so.1")
        .string(SONAME, "libself.so.1")
        .string(RPATH, "/old")
        .string(RUNPATH, "$ORIGIN/../lib:/opt/lib")
        .entry(FLAGS_1, 0x08000800L)
        .bytes());

    assertThat(elf.type()).isEqualTo(Elf.Type.SHARED);
    assertThat(elf.machine()).isEqualTo(Machine.X86_64);
    assertThat(elf.entryPoint()).isEqualTo(HandmadeElf.BASE + 0x40);
    assertThat(elf.interpreter()).contains("/lib64/ld-linux-x86-64.so.2");
    assertThat(elf.needed()).containsExactly("libb.so.1", "liba.so.1");
    assertThat(elf.soname()).contains("libself.so.1");
    assertThat(elf.rpath()).contains("/old");
    assertThat(elf.runpath()).contains("$ORIGIN/../lib:/opt/lib");
    assertThat(elf.markedPie()).isTrue();
    assertThat(elf.noDefaultLibraries()).isTrue();
    assertThat(elf.isStatic()).isFalse();
    assertThat(elf.isPositionIndependent()).isTrue();
  }

  @Test
  void aFileForAarch64IsReadOnAnyMachine() throws ElfException {
    assertThat(parse(new HandmadeElf().machine(183).bytes()).machine()).isEqualTo(Machine.AARCH64);
  }

  @Test
  void aProgramWithoutInterpreterAndLibrariesIsStatic() throws ElfException {
    byte[] bytes = new HandmadeElf().type(2).bytes();
    ints(bytes).putInt(HandmadeElf.programHeader(HandmadeElf.INTERP), 4);
    ints(bytes).putInt(HandmadeElf.programHeader(HandmadeElf.DYNAMIC), 4);

    Elf elf = parse(bytes);

    assertThat(elf.isStatic()).isTrue();
    assertThat(elf.isPositionIndependent()).isFalse();
  }

  @Test
  void ofTwoSearchPathsTheLastOneCountsAsItDoesForTheLoader() throws ElfException {
    assertThat(parse(new HandmadeElf().string(RUNPATH, "/a").string(RUNPATH, "/b").bytes()).runpath()).contains("/b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bin/true", "/usr/bin/sha256sum", "/bin/bash", "/usr/bin/perl"})
  void aProgramOfThisMachineNeedsTheCLibraryAndNamesAnInterpreterThatExists(Path program) throws IOException {
    assumeTrue(Files.exists(program), () -> program + " is not here");
    assumeTrue(Machine.current().isPresent(), "neither x86-64 nor aarch64");

    Elf elf = Elf.read(program);

    assertThat(elf.machine()).isEqualTo(Machine.current().get());
    assertThat(elf.needed()).contains("libc.so.6");
    assertThat(Path.of(elf.interpreter().orElseThrow())).exists();
  }

  @Test
  void aFileReadFromDiskGivesWhatItsBytesGive(@TempDir Path directory) throws IOException {
    // Longer than the head that is read at once: strings are then fetched one by one.
    HandmadeElf handmade = new HandmadeElf();
    for (int i = 0; i < 300; i++) {
      handmade.string(NEEDED, "libraryWithALongName" + "x".repeat(i) + ".so." + i);
    }
    byte[] bytes = handmade.bytes();
    Path file = Files.write(directory.resolve("many"), bytes);

    assertThat(Elf.read(file)).isEqualTo(parse(bytes));
    assertThat(Elf.read(file).needed()).hasSize(300).last().asString().endsWith("x.so.299");
  }

  @Test
  void aScriptIsToldWithItsInterpreter() {
    assertFailure(() -> parse("#! /usr/bin/env python3\nprint()\n".getBytes(StandardCharsets.UTF_8)), Reason.SCRIPT,
        "tool: a script (#!), to be run by '/usr/bin/env', not an ELF file");
  }

  @Test
  void aScriptCannotWriteToTheTerminalThroughTheError() {
    assertFailure(() -> parse("#!/bin/\u001b[31m\u00e9\n".getBytes(StandardCharsets.ISO_8859_1)), Reason.SCRIPT,
        "tool: a script (#!), to be run by '/bin/?[31m?', not an ELF file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u007fEL", "MZ", "hello, world"})
  void whatIsNotElfIsSaid(String content) {
    assertFailure(() -> parse(content.getBytes(StandardCharsets.ISO_8859_1)), Reason.NOT_ELF, "tool: not an ELF file");
  }

  @ParameterizedTest
  @MethodSource("foreignHeaders")
  void aForeignFileIsToldWithItsClassByteOrderAndMachine(int wide, int order, int machine, String what) {
    byte[] bytes = new HandmadeElf().bytes();
    bytes[4] = (byte) wide;
    bytes[5] = (byte) order;
    ByteBuffer.wrap(bytes).order(order == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).putShort(18, (short) machine);

    assertFailure(() -> parse(bytes), Reason.FOREIGN, "tool: " + what + "; supported are 64-bit x86-64 and aarch64");
  }

  static Stream<Arguments> foreignHeaders() {
    return Stream.of(
        Arguments.of(1, 1, 3, "32-bit little-endian ELF file for i386"),
        Arguments.of(1, 1, 62, "32-bit little-endian ELF file for x86-64"),
        Arguments.of(2, 2, 22, "64-bit big-endian ELF file for s390"),
        Arguments.of(2, 1, 243, "64-bit little-endian ELF file for RISC-V"),
        Arguments.of(2, 1, 4711, "64-bit little-endian ELF file for machine 4711"));
  }

  @ParameterizedTest
  @MethodSource("otherTypes")
  void anElfFileForAnotherPurposeIsSaid(int type, String what) {
    assertFailure(() -> parse(new HandmadeElf().type(type).bytes()), Reason.NOT_LOADABLE,
        "tool: " + what + ", neither a program nor a shared library");
  }

  static Stream<Arguments> otherTypes() {
    return Stream.of(
        Arguments.of(1, "an object file"),
        Arguments.of(4, "a core dump"),
        Arguments.of(0xfe00, "an ELF file of type 65024"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void aDamagedFileIsToldWithWhatIsWrong(String expected, Consumer<ByteBuffer> damage) {
    byte[] bytes = new HandmadeElf().string(NEEDED, "libc.so.6").string(SONAME, "me").bytes();
    damage.accept(ints(bytes));

    assertFailure(() -> parse(bytes), Reason.DAMAGED, "tool: damaged ELF file: " + expected);
  }

  static Stream<Arguments> damages() {
    int load = HandmadeElf.programHeader(HandmadeElf.LOAD);
    int interp = HandmadeElf.programHeader(HandmadeElf.INTERP);
    int dynamic = HandmadeElf.programHeader(HandmadeElf.DYNAMIC);
    int first = HandmadeElf.dynamicOffset();
    return Stream.of(
        damage("unknown class 7", b -> b.put(4, (byte) 7)),
        damage("unknown byte order 0", b -> b.put(5, (byte) 0)),
        damage("unknown ELF version 2", b -> b.put(6, (byte) 2)),
        damage("its program headers have 55 bytes instead of 56", b -> b.putShort(54, (short) 55)),
        damage("it has 0 program headers; 1 to 1170 are possible", b -> b.putShort(56, (short) 0)),
        damage("it has 65535 program headers; 1 to 1170 are possible", b -> b.putShort(56, (short) -1)),
        damage("program header table (168 bytes at 18446744073709551615) is not inside the file (606 bytes)",
            b -> b.putLong(32, -1)),
        damage("program header table (168 bytes at 500) is not inside the file (606 bytes)", b -> b.putLong(32, 500)),
        damage("a segment of type 1 (9223372036854775807 bytes at 0) is not inside the file (606 bytes)",
            b -> b.putLong(load + 32, Long.MAX_VALUE)),
        damage("a segment has more bytes in the file than in memory", b -> b.putLong(load + 40, 1)),
        damage("a segment lies at the address 0xffffffffffffffff", b -> b.putLong(load + 16, -1)),
        damage("its interpreter's name has 1 bytes", b -> b.putLong(interp + 32, 1)),
        damage("its interpreter's name has no end", b -> b.putLong(interp + 32, 5)),
        damage("its interpreter's name is not UTF-8", b -> b.put(301, (byte) 0xff)),
        damage("its interpreter's name is empty", b -> b.put(300, (byte) 0)),
        damage("its dynamic section (80 bytes at address 0x7fffffff) is in no segment that is loaded from the file",
            b -> b.putLong(dynamic + 16, 0x7fffffff)),
        damage("its dynamic section has no end (DT_NULL)", b -> b.putLong(dynamic + 32, 64)),
        damage("DT_NEEDED is not in its string table", b -> b.putLong(first + 8, 1000)),
        damage("DT_NEEDED is not in its string table", b -> b.putLong(first + 8, -2)),
        damage("DT_SONAME is not in its string table", b -> b.putLong(first + 24, -1)),
        damage("its dynamic section names strings, but has no string table", b -> b.putLong(first + 32, 6)),
        damage("its string table (1048576 bytes at address 0x10250) is in no segment that is loaded from the file",
            b -> b.putLong(first + 56, 1 << 20)),
        damage("DT_SONAME has no end within its string table or is longer than 4096 bytes",
            b -> b.putLong(first + 56, 13)));
  }

  private static Arguments damage(String expected, Consumer<ByteBuffer> damage) {
    return Arguments.of(expected, damage);
  }

  @Test
  void aFileCutOffAnywhereIsRefusedAsDamaged() {
    byte[] bytes = new HandmadeElf().string(NEEDED, "libc.so.6").bytes();
    for (int length = 4; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> parse(cut)).asInstanceOf(InstanceOfAssertFactories.type(ElfException.class))
          .extracting(ElfException::reason).isEqualTo(Reason.DAMAGED);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedFilesAreReadOrRefusedButNothingElse(long seed) {
    Random random = new Random(seed);
    byte[] original = new HandmadeElf().string(NEEDED, "libc.so.6").string(RUNPATH, "$ORIGIN/lib").bytes();
    long[] extremes = {0, -1, 1, Long.MAX_VALUE, Long.MIN_VALUE, 0x7fffffff, 0xffffffffL, original.length};
    int refused = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = original.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(bytes.length - 8);
        if (random.nextBoolean()) {
          bytes[at] = (byte) random.nextInt();
        } else {
          ints(bytes).putLong(at & ~7, extremes[random.nextInt(extremes.length)]);
        }
      }
      try {
        parse(bytes);
      } catch (ElfException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 49_999);
  }

  @Test
  void theListOfNeededLibrariesCannotBeChanged() throws ElfException {
    List<String> needed = parse(new HandmadeElf().string(NEEDED, "libc.so.6").bytes()).needed();

    assertThatThrownBy(() -> needed.add("x")).isInstanceOf(UnsupportedOperationException.class);
  }

  private static Elf parse(byte[] bytes) throws ElfException {
    return Elf.parse(bytes, "tool");
  }

  private static ByteBuffer ints(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void assertFailure(ThrowingCallable reading, Reason reason, String message) {
    assertThatThrownBy(reading)
        .hasMessage(message)
        .asInstanceOf(InstanceOfAssertFactories.type(ElfException.class))
        .extracting(ElfException::reason)
        .isEqualTo(reason);
  }
}
