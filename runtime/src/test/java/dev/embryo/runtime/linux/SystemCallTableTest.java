package dev.embryo.runtime.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SystemCallTableTest {
  @Test
  void aCallHasTheNumberOfItsArchitecture() throws LibseccompException {
    Libseccomp libseccomp = Libseccomp.load();

    assertThat(libseccomp.systemCalls(Architecture.X86_64).number("openat")).hasValue(257);
    assertThat(libseccomp.systemCalls(Architecture.AARCH64).number("openat")).hasValue(56);
  }

  @Test
  void aNumberHasTheNameOfItsCall() throws LibseccompException {
    assertThat(Libseccomp.load().systemCalls(Architecture.X86_64).name(59)).contains("execve");
    assertThat(Libseccomp.load().systemCalls(Architecture.X86_64).name(400)).isEmpty();
  }

  @Test
  void aCallThatOnlyAnotherArchitectureHasIsUnknown() throws LibseccompException {
    assertThat(Libseccomp.load().systemCalls(Architecture.AARCH64).number("open")).isEmpty();
    assertThat(Libseccomp.load().systemCalls(Architecture.X86_64).number("_llseek")).isEmpty();
  }

  @Test
  void aNameThatNobodyKnowsIsUnknownAndNamedWhereItIsRequired() throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(Architecture.X86_64);

    assertThat(calls.number("opneat")).isEmpty();
    assertThatThrownBy(() -> calls.require("opneat"))
        .isInstanceOf(LibseccompException.class)
        .hasMessageMatching("libseccomp [0-9.]+ knows no system call 'opneat' on x86_64");
  }

  @Test
  void thisMachinesCallsAreAmongThem() throws LibseccompException {
    SystemCallTable own = Libseccomp.load().systemCalls();

    assertThat(SystemCalls.number("openat")).isEqualTo(own.require("openat"));
    assertThat(SystemCalls.name(own.require("openat"))).contains("openat");
    assertThatThrownBy(() -> SystemCalls.number("opneat"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("libseccomp knows no system call 'opneat'");
  }

  @ParameterizedTest
  @EnumSource
  void noKnownCallIsAboveTheHighest(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);

    assertThat(calls.all()).hasSizeGreaterThan(300);
    assertThat(calls.all().lastKey()).isEqualTo(calls.highest());
  }

  @ParameterizedTest
  @EnumSource
  void namesAndNumbersAgree(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);

    calls.all().forEach((number, name) -> assertThat(calls.number(name)).hasValue(number));
  }

  @Test
  void exportingLeavesNoDescriptorOpen() throws IOException {
    Libseccomp libseccomp = Libseccomp.load();
    long before = openDescriptors();

    for (int i = 0; i < 50; i++) {
      try (var filter = libseccomp.newFilter(Architecture.X86_64, 0x7fff_0000)) {
        assertThat(filter.export()).isNotEmpty();
      }
    }

    assertThat(openDescriptors()).isEqualTo(before);
  }

  private static long openDescriptors() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.count();
    }
  }

  @Test
  void aMissingLibraryIsNamedWithThePackageToInstall() {
    assertThatThrownBy(() -> Libseccomp.open("libseccomp.so.99"))
        .isInstanceOf(LibseccompException.class)
        .hasMessage(
            "cannot load libseccomp.so.99: install the package libseccomp2 (Debian, Ubuntu,"
                + " openSUSE) or libseccomp (Fedora, Arch), version 2.5 or newer");
  }

  @Test
  void aRefusedRuleIsNamedWithWhatLibseccompMeans() throws LibseccompException {
    try (var filter = Libseccomp.load().newFilter(Architecture.X86_64, 0x7fff_0000)) {
      assertThatThrownBy(() -> filter.rule(0x7fff_0000, "read", List.of()))
          .hasMessage(
              "seccomp_rule_add_array: action 0x7fff0000 for read when []:"
                  + " EACCES (the rule's action is the filter's default action)");
    }
  }
}
