package dev.embryo.runtime.birth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes that the stub reads, against the format at the top of {@code embryo.c}. */
class BirthProgramTest {
  private static final int HEADER = 24;
  private static final int OPERATION = 64;

  private static ByteBuffer encode(BirthProgram program, long... values) {
    var message = ByteBuffer.allocate(program.encoding().size()).order(ByteOrder.nativeOrder());
    program.encoding().writeTo(message, values);
    return message;
  }

  @Test
  void aProgramIsEncodedAsTheStubReadsIt() {
    var program = BirthProgram.builder();
    var path = program.string("/x");
    var opened = program.callTolerating(Errno.ENOENT, "openat", Constant.AT_FDCWD, path, Constant.O_CLOEXEC);
    var structure = program.words("{}", 0, path);
    program.callStoring(structure, 0, "fcntl", opened, program.received("cap"), program.slot("number"));
    var message = encode(program.build(), 77);

    assertThat(message.getInt(8)).as("operations").isEqualTo(2);
    assertThat(message.getInt(12)).as("relocations").isEqualTo(1);
    assertThat(message.getInt(16)).as("data").isEqualTo(24);
    assertThat(message.getInt(HEADER)).isEqualTo(SystemCalls.number("openat"));
    assertThat(message.getInt(HEADER + 4)).as("kinds: value, address, value").isEqualTo(0x010);
    assertThat(message.getLong(HEADER + 8)).isEqualTo(-100);
    assertThat(message.getLong(HEADER + 16)).as("offset of the path").isZero();
    assertThat(message.getInt(HEADER + 56)).as("tolerated").isEqualTo(Errno.ENOENT.number());
    int second = HEADER + OPERATION;
    assertThat(message.getInt(second + 4)).as("kinds: result, received, value").isEqualTo(0x042);
    assertThat(message.getLong(second + 24)).as("the slot's value").isEqualTo(77);
    assertThat(message.getInt(second + 60)).as("stored at 8, plus one").isEqualTo(9);
    int relocations = HEADER + 2 * OPERATION;
    assertThat(message.getInt(relocations)).as("the word that holds an address").isEqualTo(16);
    assertThat(message.get(relocations + 8)).as("data begin at a multiple of eight").isEqualTo((byte) '/');
  }

  @Test
  void operationsCanBeInsertedAndThoseBehindThemFindTheirResults() {
    var program = BirthProgram.builder();
    var first = program.call("getpid");
    var second = program.call("dup", first);
    program.call("dup3", first, second);
    var longer = program.build().inserting(1, more -> more.call("write", more.call("getppid"), more.received("line")));

    assertThat(longer.operations()).extracting(Operation::name).containsExactly("getpid", "getppid", "write", "dup", "dup3");
    assertThat(longer.operations()).extracting(Operation::operands).containsExactly(List.of(), List.of(),
        List.of(new Operand.Result(1), new Operand.Received(0, "line")), List.of(new Operand.Result(0)),
        List.of(new Operand.Result(0), new Operand.Result(3)));
  }

  @Test
  void equalStringsShareTheirPlace() {
    var program = BirthProgram.builder();
    assertThat(program.string("a")).isEqualTo(program.string("a"));
    assertThat(program.string("b").offset()).isEqualTo(8);
  }

  @Test
  void aNulCharacterInAStringIsRefused() {
    assertThatThrownBy(() -> BirthProgram.builder().string("a\0b")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a NUL character in \"a\\0b\"");
  }

  @Test
  void moreThanSixOperandsAreRefused() {
    var arguments = Collections.nCopies(7, (Object) 0).toArray();
    assertThatThrownBy(() -> BirthProgram.builder().call("getpid", arguments))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCallThatLibseccompDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> BirthProgram.builder().call("no_such_call")).hasMessageContaining("no_such_call");
  }

  @Test
  void moreOperationsThanTheStubTakesAreRefused() {
    var program = BirthProgram.builder();
    for (int i = 0; i < BirthProgram.MAX_OPERATIONS; i++) {
      program.call("getpid");
    }
    assertThatThrownBy(() -> program.call("getpid")).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at most 2048 operations");
  }

  @Test
  void dataThatDoNotFitIntoOneMessageGoApart() {
    var program = BirthProgram.builder();
    program.call("execveat", 0, program.string("x".repeat(Encoding.MAX_MESSAGE)), program.received("cap"));
    var built = program.build();
    assertThat(built.encoding().hasDataApart()).isTrue();
    assertThat(built.encoding().size()).isLessThan(1000);
    var message = encode(built);
    assertThat(message.getLong(HEADER + 24)).as("the data's descriptor goes first").isEqualTo(1);
  }

  @Test
  void theListingReadsLikeStrace() {
    var program = BirthProgram.builder();
    var opened = program.purpose("open it").call("openat", Constant.AT_FDCWD, program.string("/x"),
        Constant.or(Constant.O_PATH, Constant.O_CLOEXEC));
    program.call("fchdir", opened);
    program.purpose("hand over").place("cap", 3);
    program.call("setresuid", program.slot("user"), 0, 0);
    assertThat(Disassembler.print(program.build())).isEqualTo("""
        r0 = openat(AT_FDCWD, "/x", O_PATH|O_CLOEXEC)                            # open it
        r1 = fchdir(r0)
        r2 = @place({cap}, 3)                                                    # hand over
        r3 = setresuid(<user>, 0, 0)
        """);
  }

  @Test
  void whatALaunchHasToSupplyIsNamedOnceAndInOrder() {
    var program = BirthProgram.builder();
    program.place("b", 1);
    program.place("a", 2);
    program.place("b", 3);
    program.call("setresuid", program.slot("user"), program.slot("group"), program.slot("user"));
    var built = program.build();
    assertThat(built.descriptors()).isEqualTo(List.of("b", "a"));
    assertThat(built.slots()).isEqualTo(List.of("user", "group"));
    var message = encode(built, 5, 6);
    int last = HEADER + 3 * OPERATION;
    assertThat(List.of(message.getLong(last + 8), message.getLong(last + 16), message.getLong(last + 24)))
        .isEqualTo(List.of(5L, 6L, 5L));
  }
}
