/** The mechanism: descriptors, birth programs, embryos and the processes they become. */
@SuppressWarnings("module") // the modules that it exports to are built after it
module dev.embryo.runtime {
  requires com.sun.jna;
  requires static org.jspecify;

  exports dev.embryo.runtime.birth;
  exports dev.embryo.runtime.fd;
  exports dev.embryo.runtime.host;
  exports dev.embryo.runtime.landlock;
  exports dev.embryo.runtime.process;
  exports dev.embryo.runtime.seccomp;
  exports dev.embryo.runtime.survey;
  exports dev.embryo.runtime.elf to
      dev.embryo.policy;
  exports dev.embryo.runtime.linux to
      dev.embryo.policy,
      dev.embryo.launcher,
      dev.embryo.cli;
}
