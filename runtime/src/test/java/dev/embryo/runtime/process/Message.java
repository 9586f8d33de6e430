package dev.embryo.runtime.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A message to the stub, written field by field, so that any of them can be wrong. */
final class Message {
  static final int VALUE = 0;
  static final int ADDRESS = 1;
  static final int RESULT = 2;
  static final int LOAD = 3;
  static final int RECEIVED = 4;

  int magic = 0x31594245;
  int flags;
  int reserved;
  Integer operationCount; // instead of the real one
  Integer relocationCount;
  Integer dataLength;
  int truncated; // bytes missing at the end
  final List<byte[]> operations = new ArrayList<>();
  final List<Integer> relocations = new ArrayList<>();
  byte[] data = new byte[64];

  static Message of(Consumer<Message> content) {
    var message = new Message();
    content.accept(message);
    return message;
  }

  /** Kinds and arguments alternate. */
  Message operation(int number, long... kindsAndArguments) {
    return storing(0, number, kindsAndArguments);
  }

  /** @param store 1 + the offset in the data, or 0 */
  Message storing(int store, int number, long... kindsAndArguments) {
    var bytes = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    int kinds = 0;
    for (int i = 0; i < kindsAndArguments.length / 2; i++) {
      kinds |= (int) kindsAndArguments[2 * i] << 4 * i;
      bytes.putLong(8 + 8 * i, kindsAndArguments[2 * i + 1]);
    }
    operations.add(bytes.putInt(0, number).putInt(4, kinds).putInt(60, store).array());
    return this;
  }

  byte[] bytes() {
    int fixed = 24 + 64 * operations.size() + (4 * relocations.size() + 7 & ~7);
    var out = ByteBuffer.allocate(fixed + data.length).order(ByteOrder.nativeOrder());
    out.putInt(magic).putInt(flags)
        .putInt(operationCount == null ? operations.size() : operationCount)
        .putInt(relocationCount == null ? relocations.size() : relocationCount)
        .putInt(dataLength == null ? data.length : dataLength).putInt(reserved);
    operations.forEach(out::put);
    relocations.forEach(out::putInt);
    out.position(fixed).put(data);
    return Arrays.copyOf(out.array(), out.capacity() - truncated);
  }
}
