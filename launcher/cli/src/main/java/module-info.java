/** The {@code embryo} command. */
module dev.embryo.cli {
  requires dev.embryo.launcher;
  requires info.picocli;
  requires static org.jspecify;

  opens dev.embryo.launcher.cli to info.picocli;
}
