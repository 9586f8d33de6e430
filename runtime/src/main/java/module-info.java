/** The mechanism: descriptors, birth programs, embryos and the processes they become. */
module dev.embryo.runtime {
  requires com.sun.jna;
  requires static org.jspecify;

  exports dev.embryo.runtime.elf to dev.embryo.policy;
}
