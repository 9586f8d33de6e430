/** The {@code embryo} command. */
module dev.embryo.cli {
  requires dev.embryo.launcher;
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires jdk.unsupported; // sun.misc.Signal: there is no other way to hear of a signal
  requires static org.jspecify;

  opens dev.embryo.launcher.cli to info.picocli;
}
