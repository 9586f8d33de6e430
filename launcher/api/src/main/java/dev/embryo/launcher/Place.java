package dev.embryo.launcher;

import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.linux.Constant;

/**
 * A descriptor that a policy leaves to the launch, as the launch has to open it.
 *
 * @param name {@code stdin}, {@code stdout}, {@code stderr}, or the parameter; for a capability of kind {@code pipe} its own
 * @param standard whether it is one of these three
 * @param reads whether the program may read from it
 * @param writes whether the program may write to it
 */
record Place(String name, boolean standard, boolean reads, boolean writes) {
  /** A standard stream goes in one direction, whatever else the policy allows. */
  static Place ofStream(int stream) {
    return new Place(Provisions.name(stream), true, stream == 0, stream != 0);
  }

  /** A parameter's, for finding what it holds. */
  static String key(String parameter) {
    return "descriptor " + parameter;
  }

  static Place ofParameter(String name, Rights rights) {
    return new Place(name, false, rights.reads(), rights.writes());
  }

  /** Tells it from all other places of a launch. */
  String key() {
    return standard ? name : key(name);
  }

  /** The open mode that allows exactly that. */
  int openMode() {
    return (reads && writes ? Constant.O_RDWR : writes ? Constant.O_WRONLY : Constant.O_RDONLY).asInt();
  }

  /** {@code read}, {@code write}, or {@code read and write}. */
  String verb() {
    return reads && writes ? "read and write" : writes ? "write" : "read";
  }
}
