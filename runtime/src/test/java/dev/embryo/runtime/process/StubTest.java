package dev.embryo.runtime.process;

import static dev.embryo.runtime.process.Message.ADDRESS;
import static dev.embryo.runtime.process.Message.LOAD;
import static dev.embryo.runtime.process.Message.RECEIVED;
import static dev.embryo.runtime.process.Message.RESULT;
import static dev.embryo.runtime.process.Message.VALUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Operand;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Malformed messages end the stub; nothing hangs, and nothing that is not in the message is read. */
@ExtendWith(NothingLeftBehind.class)
class StubTest {
  private static final int CLONE = 0x80000000;
  private static final int SEND = 0x80000001;
  private static final int COMPARE = 0x80000002;
  private static final int PLACE = 0x80000003;
  private static final int DECIMAL = 0x80000006;
  private static final int SURVIVE_FAILURE = 2;
  private static final int DATA_IN_MEMORY = 4;
  private static final int GETPID = SystemCalls.number("getpid");
  private static final int MUTANTS = 1000;

  private static Fd devNull() throws IOException {
    return Fd.open("/dev/null", Constant.O_RDWR.asInt());
  }

  @Test
  void aWellFormedMessageWithEveryPartIsExecuted() throws Exception {
    try (var stub = RawStub.start(); Fd descriptor = devNull()) {
      var message = Message.of(m -> {
        m.storing(1 + 8, GETPID); // stored in the data
        m.operation(GETPID, RESULT, 0, ADDRESS, 64, LOAD, 8, RECEIVED, 0);
        m.operation(COMPARE, VALUE, 0, VALUE, 16, VALUE, 8);
        m.operation(PLACE, RECEIVED, 0, VALUE, 7);
        m.relocations.add(24);
      });
      stub.send(message.bytes(), descriptor);
      var reply = stub.receive().orElseThrow();
      assertThat(reply.error()).isZero();
      assertThat(reply.results()).hasSize(4).endsWith(7L);
    }
  }

  @Test
  void aNumberIsWrittenIntoTheDataInDecimalDigits() throws Exception {
    for (long number : List.of(0L, 7L, 10L, 4194304L, 0xffff_ffffL)) {
      try (var stub = RawStub.start()) {
        var digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
        var message = Message.of(m -> {
          Arrays.fill(m.data, (byte) '#');
          System.arraycopy(digits, 0, m.data, 32, digits.length);
          m.data[32 + digits.length] = 0;
          m.operation(DECIMAL, VALUE, number | 1L << 32, VALUE, 3);
          m.operation(COMPARE, VALUE, 3, VALUE, 32, VALUE, digits.length + 2);
          m.operation(COMPARE, VALUE, 0, VALUE, 48, VALUE, 3);
        });
        stub.send(message.bytes());
        assertThat(stub.receive()).hasValueSatisfying(reply -> {
          assertThat(reply.error()).isZero();
          assertThat(reply.results()).startsWith((long) digits.length);
        });
      }
    }
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        wrong("another magic number", m -> m.magic++),
        wrong("an unknown flag", m -> m.flags = 8),
        wrong("a header that is too short", m -> m.truncated = m.data.length + 1),
        wrong("one byte too few", m -> m.truncated = 1),
        wrong("more operations than there are", m -> m.operationCount = 1),
        wrong("more operations than the stub takes", m -> m.operationCount = 2049),
        wrong("as many operations as overflow 32 bits of length", m -> m.operationCount = 1 << 26),
        wrong("all operations", m -> m.operationCount = -1),
        wrong("more relocations than there are", m -> m.relocationCount = 100),
        wrong("as many relocations as overflow 32 bits of length", m -> m.relocationCount = 1 << 30),
        wrong("all relocations", m -> m.relocationCount = -1),
        wrong("more data than there are", m -> m.dataLength = 72),
        wrong("fewer data than there are", m -> m.dataLength = 56),
        wrong("data that overflow 32 bits of length", m -> m.dataLength = -8),
        wrong("a relocation behind the data", m -> m.relocations.add(64)),
        wrong("a relocation across the end of the data", m -> m.relocations.add(60)),
        wrong("a relocation that is not aligned", m -> m.relocations.add(4)),
        wrong("a relocation before the data", m -> m.relocations.add(-8)),
        wrong("a relocated word behind the data", m -> {
          m.relocations.add(0);
          m.data[0] = 65;
        }),
        wrong("a relocated word that overflows", m -> {
          m.relocations.add(0);
          Arrays.fill(m.data, 0, 8, (byte) 0xff);
        }),
        wrong("an address behind the data", m -> m.operation(GETPID, ADDRESS, 65)),
        wrong("an address that overflows", m -> m.operation(GETPID, ADDRESS, -1)),
        wrong("the result of itself", m -> m.operation(GETPID, RESULT, 0)),
        wrong("the result of a later operation", m -> m.operation(GETPID, RESULT, 1).operation(GETPID)),
        wrong("the result of no operation", m -> m.operation(GETPID, RESULT, 1L << 32)),
        wrong("a word behind the data", m -> m.operation(GETPID, LOAD, 64)),
        wrong("a word across the end of the data", m -> m.operation(GETPID, LOAD, 62)),
        wrong("a word that is not aligned", m -> m.operation(GETPID, LOAD, 2)),
        wrong("a descriptor that was not received", m -> m.operation(GETPID, RECEIVED, 0)),
        wrong("an unknown kind of argument", m -> m.operation(GETPID, 5, 0)),
        wrong("an unknown kind of the last argument",
            m -> m.operation(GETPID, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0)),
        wrong("a result stored behind the data", m -> m.storing(1 + 64, GETPID)),
        wrong("a result stored across the end of the data", m -> m.storing(1 + 62, GETPID)),
        wrong("a result stored at no aligned place", m -> m.storing(1 + 2, GETPID)),
        wrong("a result stored far away", m -> m.storing(-3, GETPID)),
        wrong("a comparison behind the data", m -> m.operation(COMPARE, VALUE, 0, VALUE, 60, VALUE, 8)),
        wrong("a comparison from behind the data", m -> m.operation(COMPARE, VALUE, 65, VALUE, 0, VALUE, 0)),
        wrong("a comparison without end", m -> m.operation(COMPARE, VALUE, 0, VALUE, 0, VALUE, -1)),
        wrong("digits behind the data", m -> m.operation(DECIMAL, VALUE, 7, VALUE, 64)),
        wrong("digits of which only the end is behind the data", m -> m.operation(DECIMAL, VALUE, 1234567, VALUE, 57)),
        wrong("digits far away", m -> m.operation(DECIMAL, VALUE, 7, VALUE, -1)),
        wrong("the placing of what was not received", m -> m.operation(PLACE, VALUE, 0, VALUE, 3)),
        wrong("the sending of more than the stub sends", m -> {
          for (int i = 0; i < 17; i++) {
            m.operation(SEND, VALUE, 0);
          }
        }),
        wrong("data in memory without a descriptor", m -> {
          m.flags = DATA_IN_MEMORY;
          m.data = new byte[0];
          m.dataLength = 64;
        }));
  }

  private static Arguments wrong(String what, Consumer<Message> content) {
    return Arguments.of(what, Message.of(content));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void aMalformedMessageEndsTheStub(String what, Message message) throws Exception {
    try (var stub = RawStub.start()) {
      stub.send(message.bytes());
      assertThat(stub.receive()).as("a reply to %s", what).isEmpty();
      assertThat(stub.end()).isEqualTo(new ExitStatus(Errno.EPROTO.number(), 0, false));
    }
  }

  @Test
  void aMalformedMessageEndsAnEmbryoThatWouldSurviveAFailure() throws Exception {
    try (var stub = RawStub.start()) {
      stub.send(Message.of(m -> m.operation(0x8000ffff).flags = SURVIVE_FAILURE).bytes());
      assertThat(stub.receive()).hasValueSatisfying(
          reply -> assertThat(reply.error()).as("an unknown operation is a failure").isEqualTo(Errno.ENOSYS.number()));
      stub.send(Message.of(m -> m.operation(GETPID, RECEIVED, 0).flags = SURVIVE_FAILURE).bytes());
      assertThat(stub.receive()).isEmpty();
      assertThat(stub.end().code()).isEqualTo(Errno.EPROTO.number());
    }
  }

  @Test
  void anOversizedMessageEndsTheStub() throws Exception {
    try (var stub = RawStub.start()) {
      stub.send(Message.of(m -> m.data = new byte[192 * 1024]).bytes());
      assertThat(stub.receive()).isEmpty();
      assertThat(stub.end().code()).isEqualTo(Errno.EMSGSIZE.number());
    }
  }

  @Test
  void anEmptyMessageEndsTheStub() throws Exception {
    try (var stub = RawStub.start()) {
      stub.send(new byte[0]);
      assertThat(stub.receive()).isEmpty();
      assertThat(stub.end().code()).isZero();
    }
  }

  @Test
  void descriptorsThatDidNotAllArriveEndTheStub() throws Exception {
    try (var stub = RawStub.start(); Fd one = devNull()) {
      var limited = stub.run(p -> p.call("prlimit64", 0, 7, p.words("{2, 2}", 2, 2), 0), new Supplies());
      assertThat(limited.error()).isZero();
      stub.send(Message.of(m -> m.operation(GETPID)).bytes(), one);
      assertThat(stub.receive()).as("there is a number free for one").isPresent();
      stub.send(Message.of(m -> m.operation(GETPID)).bytes(), one, one);
      assertThat(stub.receive()).isEmpty();
      assertThat(stub.end().code()).isEqualTo(Errno.EMSGSIZE.number());
    }
  }

  @Test
  void dataInAMemoryFileThatIsTooShortEndTheStub() throws Exception {
    var message = Message.of(m -> {
      m.flags = DATA_IN_MEMORY;
      m.data = new byte[0];
      m.dataLength = 3 * 4096;
      m.operation(COMPARE, VALUE, 0, VALUE, 2 * 4096, VALUE, 8);
    });
    for (int pages : List.of(1, 3)) {
      try (var stub = RawStub.start(); Fd data = Memfd.of("data", new byte[pages * 4096])) {
        stub.send(message.bytes(), data);
        if (pages == 3) {
          assertThat(stub.receive()).isPresent();
        } else {
          assertThat(stub.end().signal()).as("SIGBUS").isEqualTo(7);
        }
      }
    }
  }

  @Test
  void dataThatAreNoMemoryFileEndTheStub() throws Exception {
    try (var stub = RawStub.start(); Fd folder = Fd.open("/", Constant.O_PATH.asInt())) {
      stub.send(Message.of(m -> {
        m.flags = DATA_IN_MEMORY;
        m.data = new byte[0];
        m.dataLength = 64;
      }).bytes(), folder);
      assertThat(stub.end().code()).isEqualTo(Errno.ENOMEM.number());
    }
  }

  @Test
  void pseudoOperationsWithArgumentsThatTheKernelRefusesAreFailures() throws Exception {
    try (var stub = RawStub.start(); Fd descriptor = devNull()) {
      refuses(stub, Errno.EBADF, m -> m.operation(PLACE, RECEIVED, 0, VALUE, -1), descriptor);
      refuses(stub, Errno.EBADF, m -> m.operation(PLACE, RECEIVED, 0, VALUE, 1 << 30), descriptor);
      refuses(stub, Errno.EINVAL, m -> m.operation(CLONE, ADDRESS, 0, VALUE, 8, VALUE, 0));
      refuses(stub, Errno.EFAULT, m -> m.operation(CLONE, VALUE, 8, VALUE, 64, VALUE, 0));
      refuses(stub, Errno.ESTALE, m -> {
        m.data[0] = 1;
        m.operation(COMPARE, VALUE, 0, VALUE, 8, VALUE, 8);
      });
      stub.send(Message.of(m -> m.operation(SEND, VALUE, 99)).bytes());
      assertThat(stub.receive()).as("a reply with a descriptor that is not open").isEmpty();
    }
  }

  private static void refuses(RawStub stub, Errno expected, Consumer<Message> content, Fd... descriptors)
      throws IOException {
    var message = Message.of(content);
    message.flags = SURVIVE_FAILURE;
    stub.send(message.bytes(), descriptors);
    assertThat(stub.receive()).hasValueSatisfying(
        reply -> assertThat(Errno.name(reply.error())).isEqualTo(expected.name()));
  }

  @Test
  void aZygoteThatAMessageHasEndedIsReplaced() throws Exception {
    var program = BirthProgram.builder();
    program.received(BirthPlan.CONTROL);
    program.call("getpid", new Operand.Load(1 << 20));
    var malformed = new BirthPlan(Set.of(), program.build(), Optional.empty(), Optional.empty(), Optional.empty(),
        Fragment.NONE, Fragment.NONE, Optional.empty());
    try (var zygote = Zygote.start()) {
      int first = zygote.pid();
      assertThatThrownBy(() -> zygote.embryo(malformed)).isInstanceOf(IOException.class)
          .hasMessageStartingWith("the zygote died: ");
      try (var embryo = zygote.embryo(Set.of())) {
        assertThat(Program.outputOf(embryo, "echo born")).isEqualTo("born\n");
      }
      assertThat(zygote.pid()).isNotEqualTo(first);
      assertThat(Proc.exists(first)).isFalse();
    }
  }

  /** The stub is confined to what it needs for reading a message, since a mutant may call anything. */
  @Test
  void noMutantOfAMessageHangsTheStub() throws Exception {
    for (int seed = 0; seed < MUTANTS; seed++) {
      try (var stub = RawStub.start(); Fd descriptor = devNull()) {
        assertThat(stub.run(StubTest::confine, new Supplies()).error()).isZero();
        stub.send(mutant(new Random(seed)), descriptor);
        stub.receive().ifPresent(reply -> reply.descriptors().forEach(Fd::close));
      } catch (AssertionError failure) {
        throw new AssertionError("mutant with seed " + seed, failure);
      }
    }
  }

  private static byte[] mutant(Random random) {
    var message = Message.of(m -> {
      m.storing(1 + 8, GETPID).operation(GETPID, RESULT, 0, ADDRESS, 64, LOAD, 8, RECEIVED, 0);
      m.operation(COMPARE, VALUE, 0, VALUE, 16, VALUE, 8).operation(PLACE, RECEIVED, 0, VALUE, 7);
      m.operation(SEND, VALUE, 0).flags = SURVIVE_FAILURE;
      m.relocations.add(24);
    }).bytes();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(message.length);
      message[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : message[at] ^ 1 << random.nextInt(8));
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(message, random.nextInt(message.length + 1)) : message;
  }

  private static void confine(BirthProgram.Builder program) {
    var allowed = List.of("recvmsg", "sendmsg", "exit_group", "close", "getpid", "dup3", "fcntl", "mmap");
    var code = ByteBuffer.allocate(8 * (allowed.size() + 3)).order(ByteOrder.nativeOrder());
    code.putShort((short) 0x20).putShort((short) 0).putInt(0);
    for (int i = 0; i < allowed.size(); i++) {
      code.putShort((short) 0x15).put((byte) (allowed.size() - i)).put((byte) 0)
          .putInt(SystemCalls.number(allowed.get(i)));
    }
    code.putShort((short) 6).putShort((short) 0).putInt(0x00050000 | Errno.ENOSYS.number());
    code.putShort((short) 6).putShort((short) 0).putInt(0x7fff0000);
    Arming.filter(program, "mutants", code.array());
  }
}
