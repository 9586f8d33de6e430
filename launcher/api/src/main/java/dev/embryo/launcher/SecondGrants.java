package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FileStatus;
import dev.embryo.runtime.host.MountTable;
import dev.embryo.runtime.host.MountTable.Location;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The same file, granted twice: what one capability withholds, another may give. Looked for in each launch with what is
 * really handed over, because what a parameter or a standard stream is, no policy tells.
 *
 * <p>Used by one thread.
 */
final class SecondGrants {
  /** What changes the contents, or the size, where a descriptor is open for writing without exact rights. */
  private static final Set<Right> CHANGING = EnumSet.of(Right.WRITE, Right.TRUNCATE, Right.ALLOCATE);

  /** What makes a difference to who owns the file: contents and attributes. */
  private static final Set<Right> TELLING = EnumSet.of(Right.READ, Right.WRITE, Right.APPEND, Right.TRUNCATE, Right.METADATA,
      Right.ALLOCATE);

  /** Null, zero and the like hold nothing. */
  private static final int MEMORY_DEVICES = 1;

  private final CompiledPolicy compiled;
  private final Map<DescriptorSlot, Fd> given;
  private final Map<DescriptorSlot, FileStatus> status = new IdentityHashMap<>();
  private @Nullable MountTable mounts;

  private SecondGrants(CompiledPolicy compiled, Map<DescriptorSlot, Fd> given) {
    this.compiled = compiled;
    this.given = given;
  }

  /**
   * Compares.
   *
   * @param given the descriptors
   * @throws IOException if the program could do to a restricted one what is withheld from it
   */
  static void refuse(CompiledPolicy compiled, Map<DescriptorSlot, Fd> given) throws IOException {
    if (!compiled.withholding().restricted().isEmpty()) {
      var check = new SecondGrants(compiled, given);
      for (DescriptorSlot slot : compiled.descriptors()) {
        if (slot.rights().areExact()) {
          check.refuse(slot);
        }
      }
    }
  }

  private void refuse(DescriptorSlot slot) throws IOException {
    var file = status(slot);
    if (file.deviceMajor() == MEMORY_DEVICES) {
      return;
    }
    for (DescriptorSlot other : compiled.descriptors()) {
      if (other.source() instanceof DescriptorSlot.HostTree host && file.isRegular()) {
        refuse(slot, file, host.tree(), "descriptor " + other.number());
      } else if (other != slot && other.isSupplied() && status(other).isSameFile(file)) {
        var more = beyond(slot, telling(other.rights()));
        if (!more.isEmpty()) {
          throw refusal(slot, more, "'" + other.capability() + "' is the same file");
        }
      }
    }
    for (RootEntry entry : compiled.root()) {
      if (entry instanceof RootEntry.Mount mount && file.isRegular()) {
        refuse(slot, file, mount, mount.path());
      }
    }
  }

  /** @param place where the program sees the mount */
  private void refuse(DescriptorSlot slot, FileStatus file, RootEntry.Mount mount, String place) throws IOException {
    var more = beyond(slot, telling(mount));
    if (more.isEmpty() || file.links() == 0) { // without a name it is nowhere to be found
      return;
    }
    if (mount.directory()) {
      refuse(slot, file, mount, place, more);
    } else if (file.isFile(mount.deviceMajor(), mount.deviceMinor(), mount.inode())) {
      throw refusal(slot, more, place + " is the same file");
    }
  }

  /** Names are told by their places in the file system, which is the same whatever is mounted where. */
  private void refuse(DescriptorSlot slot, FileStatus file, RootEntry.Mount mount, String seenAt, Set<Right> more)
      throws IOException {
    var path = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor(slot).number()))).toString();
    var place = mounts().locate(file.mount(), path);
    var trees = mounts().seenFrom(FileStatus.of(mount.source()).mount(), mount.source());
    if (place.isEmpty() || trees.isEmpty()) {
      throw new IOException("capability '" + slot.capability() + "': it cannot be told whether " + path + " lies in "
          + mount.source() + ", where nothing would be withheld from it, for no mount of this process shows it");
    }
    for (Location tree : trees) {
      if (file.links() > 1 && tree.device().equals(place.get().device())) {
        throw refusal(slot, more, "it has " + file.links() + " names (hard links), one of which may be in " + mount.source()
            + ", which the program sees at " + seenAt);
      } else if (place.get().isWithin(tree)) {
        throw refusal(slot, more, "it lies in " + mount.source() + ", which the program sees at " + seenAt);
      }
    }
  }

  private MountTable mounts() throws IOException {
    var table = mounts;
    if (table == null) {
      table = MountTable.read();
      mounts = table;
    }
    return table;
  }

  private static IOException refusal(DescriptorSlot slot, Set<Right> more, String why) {
    return new IOException("capability '" + slot.capability() + "' withholds " + words(more) + ", but " + why
        + "; give " + words(more) + " to both or to neither");
  }

  private static String words(Set<Right> rights) {
    var words = rights.stream().map(right -> "'" + right + "'").toList();
    int last = words.size() - 1;
    return last == 0 ? words.get(0) : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  private static Set<Right> beyond(DescriptorSlot slot, Set<Right> others) {
    var more = EnumSet.noneOf(Right.class);
    more.addAll(others);
    more.removeAll(slot.rights().set());
    if (slot.rights().has(Right.WRITE)) {
      more.remove(Right.APPEND); // which is writing, at the end
    }
    return more;
  }

  private Set<Right> telling(Rights rights) {
    var telling = EnumSet.noneOf(Right.class);
    telling.addAll(rights.set());
    if (!rights.areExact()) {
      telling.add(Right.METADATA);
      if (rights.writes()) {
        telling.addAll(CHANGING);
      }
    }
    telling.retainAll(TELLING);
    return withoutTaken(telling);
  }

  private Set<Right> telling(RootEntry.Mount mount) {
    var telling = EnumSet.noneOf(Right.class);
    if (mount.accesses().contains(Access.READ_FILE)) {
      telling.add(Right.READ);
    }
    if (mount.accesses().contains(Access.WRITE_FILE)) {
      telling.addAll(CHANGING);
    }
    if ((mount.attributes().value() & Constant.MOUNT_ATTR_RDONLY.value()) == 0) {
      telling.add(Right.METADATA);
    }
    return withoutTaken(telling);
  }

  private Set<Right> withoutTaken(EnumSet<Right> telling) {
    if (compiled.withholding().taken().containsKey("fchmod")) {
      telling.remove(Right.METADATA);
    }
    return telling;
  }

  private FileStatus status(DescriptorSlot slot) throws IOException {
    var known = status.get(slot);
    if (known == null) {
      known = FileStatus.of(descriptor(slot).number());
      status.put(slot, known);
    }
    return known;
  }

  private Fd descriptor(DescriptorSlot slot) {
    var descriptor = given.get(slot);
    if (descriptor == null) {
      throw new AssertionError(slot);
    }
    return descriptor;
  }
}
