package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Compares what was opened with the file that was meant, by device and inode: a birth ends with ESTALE if they differ. */
public final class FileComparison {
  private static final int STATX_BYTES = 256; // struct statx
  private static final int INODE = 32;
  private static final int DEVICE = 136; // major and minor, four bytes each

  private final BirthProgram.Builder program;
  private final Operand.Data status; // one structure serves all comparisons

  private FileComparison(BirthProgram.Builder program) {
    this.program = program;
    this.status = program.bytes(new byte[STATX_BYTES], "&status");
  }

  /** Comparisons in a program that is being built. */
  public static FileComparison of(BirthProgram.Builder program) {
    return new FileComparison(program);
  }

  /** Adds the operations that compare what an earlier operation has opened. */
  public void compare(Operand.Result opened, int deviceMajor, int deviceMinor, long inode) {
    program.call("statx", opened, program.string(""), Constant.AT_EMPTY_PATH, Constant.STATX_INO, status);
    var inodeBytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(inode);
    var device = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putInt(deviceMajor).putInt(deviceMinor);
    program.compare(status.offset() + INODE, program.bytes(inodeBytes.array(), "inode " + inode));
    program.compare(status.offset() + DEVICE,
        program.bytes(device.array(), "device " + deviceMajor + ':' + deviceMinor));
  }
}
