package dev.embryo.samples.model;

import java.util.Map;

/** What becomes of acts with a descriptor. */
final class DescriptorActs {
  /** Of a mode: those that no program sets. */
  static final int SET_ID_BITS = 06000;

  private final Map<Integer, Opened> descriptors;
  private final boolean withoutMetadata;

  DescriptorActs(Map<Integer, Opened> descriptors, boolean withoutMetadata) {
    this.descriptors = descriptors;
    this.withoutMetadata = withoutMetadata;
  }

  /** @return what is found */
  String act(Act act) throws Refused {
    Opened opened = descriptors.get(act.number(1));
    if (act.name().matches("fmode|ftouch") && withoutMetadata
        || act.name().equals("fmode") && (act.number(2) & SET_ID_BITS) != 0) {
      throw new Refused("EPERM");
    } else if (opened == null) {
      throw new Refused("EBADF");
    }
    for (String right : Acts.taken(act)) {
      opened.demand(right);
    }
    return withFile(act, opened);
  }

  private static String withFile(Act act, Opened opened) throws Refused {
    Node file = opened.node;
    boolean reads = opened.grant.opensForReading();
    boolean writes = opened.grant.opensForWriting();
    switch (act.name()) {
      case "fread" -> {
        new Reasons().when(!reads, "EBADF").check();
        String found = read(file, opened.offset, act.number(2));
        opened.offset += found.length();
        return found;
      }
      case "fpread" -> {
        new Reasons().when(!reads, "EBADF").check();
        return read(file, act.number(3), act.number(2));
      }
      case "fwrite", "fpwrite" -> {
        new Reasons().when(!writes, "EBADF").check();
        boolean there = act.name().equals("fpwrite");
        int at = opened.grant.has("append") ? file.content.length() : there ? act.number(3) : opened.offset;
        file.write(at, act.word(2));
        opened.offset = there ? opened.offset : at + act.word(2).length();
      }
      case "fseek" -> opened.offset = act.number(2);
      case "fcut", "fcut-another" -> {
        new Reasons().when(!writes, "EINVAL").check();
        file.resize(act.number(2));
      }
      case "fallocate" -> {
        new Reasons().when(!writes, "EBADF").check();
        file.resize(Math.max(file.content.length(), act.number(2)));
      }
      case "fstat" -> {
        return opened.grant.kind() == Grant.Kind.MEMORY ? Prediction.ANYTHING : file.status();
      }
      case "fmode", "ftouch" -> {
        new Reasons().when(opened.tree != null && opened.tree.mount().readOnly, "EROFS").check();
        file.mode = act.name().equals("fmode") ? act.number(2) : file.mode;
        file.touched |= act.name().equals("ftouch");
      }
      case "map", "map-code" -> new Reasons().when(!reads, "EACCES").check();
      case "map-shared", "turn" -> {
        new Reasons().when(!reads || !writes, "EACCES").check();
        if (!file.content.isEmpty()) {
          file.write(0, "M");
        }
      }
      default -> {} // nothing that one would see
    }
    return "";
  }

  private static String read(Node file, int offset, int most) {
    int from = Math.min(offset, file.content.length());
    return file.content.substring(from, Math.min(from + most, file.content.length()));
  }
}
