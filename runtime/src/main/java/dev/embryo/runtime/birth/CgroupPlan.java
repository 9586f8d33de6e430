package dev.embryo.runtime.birth;

import java.nio.file.Path;
import java.util.List;

/**
 * The cgroup in which all processes of a birth begin, see cgroups(7). Each launch makes one, and removes it when the sandbox
 * is gone. No process is ever moved into it.
 *
 * @param parent the cgroup in which it is made
 * @param settings what is written into it before the first process is there, in this order
 * @param afterwards what is written when the program runs and the processes that only its birth needs are gone
 */
public record CgroupPlan(Path parent, List<Setting> settings, List<Setting> afterwards) {

  /**
   * A file of the cgroup and what is written to it.
   *
   * @param file its name, such as {@code memory.max}
   */
  public record Setting(String file, String value) {
    @Override
    public String toString() {
      return file + "=" + value;
    }
  }

  /** Keeps copies of the lists. */
  public CgroupPlan {
    settings = List.copyOf(settings);
    afterwards = List.copyOf(afterwards);
  }
}
