package dev.embryo.runtime.elf;

import dev.embryo.runtime.elf.ElfException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Walks the headers of one ELF file: ELF header, program headers, dynamic section, the strings it points to.
 *
 * <p>Where kernel, loader and file could disagree, the reader goes the way of the one that counts: {@code PT_INTERP} by
 * file offset, first one wins (kernel); the dynamic section by its virtual address through {@code PT_LOAD} (loader).
 *
 * <p>Used by one thread.
 */
final class ElfReader {
  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  /** {@code ELF_MIN_ALIGN} limit of {@code load_elf_phdrs}: the kernel refuses a larger table. */
  private static final int MAX_PROGRAM_HEADERS = 65536 / PROGRAM_HEADER_SIZE;
  private static final int DYNAMIC_ENTRY_SIZE = 16;
  private static final int MAX_DYNAMIC_ENTRIES = 16384;
  private static final int MAX_NEEDED = 4096;
  /** {@code PATH_MAX}, with its NUL: the kernel's limit for an interpreter, the loader's for a file. */
  private static final int MAX_NAME = 4096;
  private static final int MAX_SEARCH_PATH = 65536;
  private static final int MAX_SCRIPT_LINE = 256;

  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;

  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_STRSZ = 10;
  private static final long DT_SONAME = 14;
  private static final long DT_RPATH = 15;
  private static final long DT_RUNPATH = 29;
  private static final long DT_FLAGS_1 = 0x6ffffffbL;
  private static final long DF_1_NODEFLIB = 0x800;
  private static final long DF_1_PIE = 0x08000000L;

  private record Segment(int type, long offset, long address, long fileSize) {}

  /** The entries that matter; string values are still offsets into the string table, -1 where there is none. */
  private static final class Dynamic {
    final List<Long> needed = new ArrayList<>();
    long strings = -1;
    long stringsSize = -1;
    long soname = -1;
    long rpath = -1;
    long runpath = -1;
    long flags1;
  }

  private final BoundedBytes bytes;

  ElfReader(BoundedBytes bytes) {
    this.bytes = bytes;
  }

  Elf read() throws IOException {
    checkIdentity();
    ByteBuffer header = bytes.read(0, HEADER_SIZE, "ELF header");
    Elf.Type type = type(Short.toUnsignedInt(header.getShort(16)));
    Machine machine = Machine.ofNumber(Short.toUnsignedInt(header.getShort(18))).orElseThrow();
    long entryPoint = header.getLong(24);
    List<Segment> segments = segments(header);

    Optional<String> interpreter = interpreter(segments);
    Dynamic dynamic = dynamic(segments);
    StringTable strings = stringTable(dynamic, segments);
    List<String> needed = new ArrayList<>(dynamic.needed.size());
    for (long name : dynamic.needed) {
      needed.add(strings.at(name, MAX_NAME, "DT_NEEDED"));
    }
    return new Elf(
        type,
        machine,
        entryPoint,
        interpreter,
        needed,
        strings.optional(dynamic.soname, MAX_NAME, "DT_SONAME"),
        strings.optional(dynamic.rpath, MAX_SEARCH_PATH, "DT_RPATH"),
        strings.optional(dynamic.runpath, MAX_SEARCH_PATH, "DT_RUNPATH"),
        (dynamic.flags1 & DF_1_PIE) != 0,
        (dynamic.flags1 & DF_1_NODEFLIB) != 0);
  }

  /** Sorts out scripts, other formats and other machines, so that a person learns which of them it is. */
  private void checkIdentity() throws IOException {
    ByteBuffer start = bytes.read(0, (int) Math.min(HEADER_SIZE, bytes.size()), "header");
    if (start.limit() >= 2 && start.get(0) == '#' && start.get(1) == '!') {
      throw new ElfException(bytes.name(), Reason.SCRIPT, scriptMessage());
    }
    if (start.limit() < 4 || start.getInt(0) != 0x464c457f) {
      throw new ElfException(bytes.name(), Reason.NOT_ELF, "not an ELF file");
    }
    if (start.limit() < HEADER_SIZE) {
      throw bytes.damaged("it ends within its ELF header");
    }
    boolean wide = oneOf(start.get(4), "class") == 2;
    boolean little = oneOf(start.get(5), "byte order") == 1;
    if (start.get(6) != 1) {
      throw bytes.damaged("unknown ELF version " + Byte.toUnsignedInt(start.get(6)));
    }
    int machine = Short.toUnsignedInt(
        start.duplicate().order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN).getShort(18));
    if (!wide || !little || Machine.ofNumber(machine).isEmpty()) {
      throw new ElfException(bytes.name(), Reason.FOREIGN, "%s %s-endian ELF file for %s; supported are 64-bit x86-64 and aarch64"
          .formatted(wide ? "64-bit" : "32-bit", little ? "little" : "big", Machine.nameOfNumber(machine)));
    }
  }

  private int oneOf(byte value, String what) throws ElfException {
    if (value != 1 && value != 2) {
      throw bytes.damaged("unknown " + what + " " + Byte.toUnsignedInt(value));
    }
    return value;
  }

  private String scriptMessage() throws IOException {
    ByteBuffer line = bytes.read(0, (int) Math.min(MAX_SCRIPT_LINE, bytes.size()), "first line");
    StringBuilder interpreter = new StringBuilder();
    for (int i = 2; i < line.limit(); i++) {
      char c = (char) line.get(i);
      boolean blank = c == ' ' || c == '\t';
      if (c == '\n' || (blank && !interpreter.isEmpty())) {
        break;
      }
      if (!blank) {
        // An error goes to a terminal: whatever the script says, it says it in printable ASCII.
        interpreter.append(c > ' ' && c < 127 ? c : '?');
      }
    }
    return "a script (#!), to be run by '" + interpreter + "', not an ELF file";
  }

  private Elf.Type type(int type) throws ElfException {
    return switch (type) {
      case ET_EXEC -> Elf.Type.EXECUTABLE;
      case ET_DYN -> Elf.Type.SHARED;
      case 1 -> throw notLoadable("an object file");
      case 4 -> throw notLoadable("a core dump");
      default -> throw notLoadable("an ELF file of type " + type);
    };
  }

  private ElfException notLoadable(String what) {
    return new ElfException(bytes.name(), Reason.NOT_LOADABLE, what + ", neither a program nor a shared library");
  }

  private List<Segment> segments(ByteBuffer header) throws IOException {
    long offset = header.getLong(32);
    int entrySize = Short.toUnsignedInt(header.getShort(54));
    int count = Short.toUnsignedInt(header.getShort(56));
    if (entrySize != PROGRAM_HEADER_SIZE) {
      throw bytes.damaged("its program headers have " + entrySize + " bytes instead of " + PROGRAM_HEADER_SIZE);
    }
    if (count == 0 || count > MAX_PROGRAM_HEADERS) {
      throw bytes.damaged("it has " + count + " program headers; 1 to " + MAX_PROGRAM_HEADERS + " are possible");
    }
    ByteBuffer table = bytes.read(offset, count * PROGRAM_HEADER_SIZE, "program header table");
    List<Segment> segments = new ArrayList<>(count);
    for (int at = 0; at < table.limit(); at += PROGRAM_HEADER_SIZE) {
      int type = table.getInt(at);
      if (type == PT_LOAD || type == PT_DYNAMIC || type == PT_INTERP) {
        segments.add(segment(type, table, at));
      }
    }
    return segments;
  }

  private Segment segment(int type, ByteBuffer table, int at) throws ElfException {
    Segment segment = new Segment(type, table.getLong(at + 8), table.getLong(at + 16), table.getLong(at + 32));
    bytes.requireInside(segment.offset, segment.fileSize, "a segment of type " + type);
    long memorySize = table.getLong(at + 40);
    if (type == PT_LOAD && Long.compareUnsigned(segment.fileSize, memorySize) > 0) {
      throw bytes.damaged("a segment has more bytes in the file than in memory");
    }
    if (segment.address < 0 || segment.address > Long.MAX_VALUE - segment.fileSize) {
      throw bytes.damaged("a segment lies at the address 0x" + Long.toHexString(segment.address));
    }
    return segment;
  }

  private Optional<String> interpreter(List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      if (segment.type == PT_INTERP) {
        if (segment.fileSize < 2 || segment.fileSize > MAX_NAME) {
          throw bytes.damaged("its interpreter's name has " + segment.fileSize + " bytes");
        }
        ByteBuffer name = bytes.read(segment.offset, (int) segment.fileSize, "interpreter's name");
        String interpreter = text(name, nulIn(name, "interpreter's name"), "interpreter's name");
        if (interpreter.isEmpty()) {
          throw bytes.damaged("its interpreter's name is empty");
        }
        return Optional.of(interpreter);
      }
    }
    return Optional.empty();
  }

  private Dynamic dynamic(List<Segment> segments) throws IOException {
    Dynamic dynamic = new Dynamic();
    for (Segment segment : segments) {
      if (segment.type == PT_DYNAMIC) {
        readDynamic(segment, segments, dynamic);
        break;
      }
    }
    return dynamic;
  }

  private void readDynamic(Segment segment, List<Segment> segments, Dynamic dynamic) throws IOException {
    long entries = segment.fileSize / DYNAMIC_ENTRY_SIZE;
    if (entries > MAX_DYNAMIC_ENTRIES) {
      throw bytes.damaged("its dynamic section has " + entries + " entries; at most " + MAX_DYNAMIC_ENTRIES + " are read");
    }
    int length = (int) entries * DYNAMIC_ENTRY_SIZE;
    ByteBuffer table = bytes.read(
        fileOffset(segment.address, length, segments, "dynamic section"), length, "dynamic section");
    for (int at = 0; at < length; at += DYNAMIC_ENTRY_SIZE) {
      long tag = table.getLong(at);
      if (tag == DT_NULL) {
        return;
      }
      record(dynamic, tag, table.getLong(at + 8));
    }
    throw bytes.damaged("its dynamic section has no end (DT_NULL)");
  }

  /** Of a tag that is there twice the loader takes the last one, but for {@code DT_NEEDED}. */
  private void record(Dynamic dynamic, long tag, long value) throws ElfException {
    if (tag == DT_NEEDED) {
      if (dynamic.needed.size() == MAX_NEEDED) {
        throw bytes.damaged("it needs more than " + MAX_NEEDED + " libraries");
      }
      dynamic.needed.add(value);
    } else if (tag == DT_STRTAB) {
      dynamic.strings = value;
    } else if (tag == DT_STRSZ) {
      dynamic.stringsSize = value;
    } else if (tag == DT_SONAME) {
      dynamic.soname = offset(value, "DT_SONAME");
    } else if (tag == DT_RPATH) {
      dynamic.rpath = offset(value, "DT_RPATH");
    } else if (tag == DT_RUNPATH) {
      dynamic.runpath = offset(value, "DT_RUNPATH");
    } else if (tag == DT_FLAGS_1) {
      dynamic.flags1 = value;
    }
  }

  /** Keeps a string offset from being taken for the mark of an absent one. */
  private long offset(long value, String what) throws ElfException {
    if (value < 0) {
      throw bytes.damaged(what + " is not in its string table");
    }
    return value;
  }

  private StringTable stringTable(Dynamic dynamic, List<Segment> segments) throws IOException {
    boolean used = !dynamic.needed.isEmpty() || dynamic.soname >= 0 || dynamic.rpath >= 0 || dynamic.runpath >= 0;
    if (!used) {
      return new StringTable(0, 0);
    }
    if (dynamic.strings < 0 || dynamic.stringsSize < 0) {
      throw bytes.damaged("its dynamic section names strings, but has no string table");
    }
    long offset = fileOffset(dynamic.strings, dynamic.stringsSize, segments, "string table");
    bytes.requireInside(offset, dynamic.stringsSize, "string table");
    return new StringTable(offset, dynamic.stringsSize);
  }

  /** Where in the file a range of virtual addresses comes from. */
  private long fileOffset(long address, long length, List<Segment> segments, String what) throws ElfException {
    for (Segment segment : segments) {
      long within = address - segment.address;
      if (segment.type == PT_LOAD && address >= segment.address && within <= segment.fileSize
          && length <= segment.fileSize - within) {
        return segment.offset + within;
      }
    }
    throw bytes.damaged("its %s (%s bytes at address 0x%s) is in no segment that is loaded from the file"
        .formatted(what, Long.toUnsignedString(length), Long.toHexString(address)));
  }

  private int nulIn(ByteBuffer buffer, String what) throws ElfException {
    for (int i = 0; i < buffer.limit(); i++) {
      if (buffer.get(i) == 0) {
        return i;
      }
    }
    throw bytes.damaged("its " + what + " has no end");
  }

  private String text(ByteBuffer buffer, int length, String what) throws ElfException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer.slice(0, length)).toString();
    } catch (CharacterCodingException e) {
      throw bytes.damaged("its " + what + " is not UTF-8");
    }
  }

  /** The strings of the dynamic section; only those asked for are read. */
  private final class StringTable {
    private static final int FIRST_GUESS = 64;

    private final long start;
    private final long size;

    StringTable(long start, long size) {
      this.start = start;
      this.size = size;
    }

    Optional<String> optional(long offset, int limit, String what) throws IOException {
      return offset < 0 ? Optional.empty() : Optional.of(at(offset, limit, what));
    }

    /** The string at an offset; with its NUL it is inside the table and no longer than the limit. */
    String at(long offset, int limit, String what) throws IOException {
      if (offset < 0 || offset >= size) {
        throw bytes.damaged(what + " is not in its string table");
      }
      int available = (int) Math.min(limit, size - offset);
      for (int length = Math.min(FIRST_GUESS, available); ; length = Math.min(length * 8, available)) {
        ByteBuffer buffer = bytes.read(start + offset, length, what);
        for (int i = 0; i < length; i++) {
          if (buffer.get(i) == 0) {
            return text(buffer, i, what);
          }
        }
        if (length == available) {
          throw bytes.damaged(what + " has no end within its string table or is longer than " + limit + " bytes");
        }
      }
    }
  }
}
