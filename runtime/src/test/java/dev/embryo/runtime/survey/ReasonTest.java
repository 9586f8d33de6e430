package dev.embryo.runtime.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.host.Restrictions;
import dev.embryo.runtime.linux.Errno;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Which reason is given on hosts that exist only as values. */
class ReasonTest {
  private static final OptionalLong UNSET = OptionalLong.empty();
  private static final OptionalLong ZERO = OptionalLong.of(0);
  private static final OptionalLong ONE = OptionalLong.of(1);
  private static final OptionalLong MANY = OptionalLong.of(96365);
  private static final Host HOST = new Host("6.8.0-test", 1000, 1000, 0, 40, List.of());

  private static Restrictions restrictions(int seccomp, boolean administrator, OptionalLong most, OptionalLong debian,
      OptionalLong ubuntu) {
    return new Restrictions(OptionalLong.of(seccomp), administrator, false, most, debian, ubuntu);
  }

  @Test
  void theSettingThatForbidsUserNamespacesIsNamed() {
    assertThat(Reason.of(restrictions(0, false, ZERO, UNSET, UNSET), false)).isEqualTo(Reason.NONE_LEFT);
    assertThat(Reason.of(restrictions(0, false, MANY, ZERO, UNSET), false)).isEqualTo(Reason.FORBIDDEN);
    assertThat(Reason.of(restrictions(0, false, MANY, UNSET, ONE), false)).isEqualTo(Reason.APPARMOR);
    assertThat(Reason.APPARMOR.remedy()).contains("profile with the rule 'userns,'")
        .contains("sysctl kernel.apparmor_restrict_unprivileged_userns=0");
    assertThat(Reason.FORBIDDEN.remedy()).isEqualTo("set it as root: sysctl kernel.unprivileged_userns_clone=1");
  }

  @Test
  void aFilterThatLiesOnTheLauncherIsToldApartFromAMissingFeature() {
    assertThat(Reason.of(restrictions(2, false, MANY, ONE, ZERO), false)).isEqualTo(Reason.FILTERED);
    assertThat(Reason.of(restrictions(0, false, MANY, ONE, ZERO), false)).isEqualTo(Reason.UNKNOWN);
  }

  @Test
  void rootIsToldOfItsCapabilitiesAndNotOfUserNamespaces() {
    assertThat(Reason.of(restrictions(0, false, ZERO, ZERO, ONE), true)).isEqualTo(Reason.POWERLESS);
    assertThat(Reason.of(restrictions(2, false, ZERO, ZERO, ONE), true)).isEqualTo(Reason.FILTERED);
    assertThat(Reason.of(restrictions(0, true, ZERO, ZERO, ONE), true)).isEqualTo(Reason.UNKNOWN);
  }

  @Test
  void landlockIsSwitchedOffHiddenOrNotThere() {
    var free = restrictions(0, false, MANY, UNSET, UNSET);
    var filtered = restrictions(2, false, MANY, UNSET, UNSET);
    assertThat(Layers.landlock(HOST, free, Errno.EOPNOTSUPP.number())).startsWith("it is switched off on this kernel (6.8.0-test)");
    assertThat(Layers.landlock(HOST, filtered, Errno.EOPNOTSUPP.number())).startsWith("it is switched off");
    assertThat(Layers.landlock(HOST, filtered, Errno.ENOSYS.number())).contains("and answers ENOSYS");
    assertThat(Layers.landlock(HOST, free, Errno.ENOSYS.number()))
        .startsWith("this kernel (6.8.0-test) has none; it takes Linux 5.13 or later");
  }

  @Test
  void theOldestKernelIsFiveThirteen() {
    assertThat(List.of("5.13.0", "5.13-rc1", "5.15.0-91-generic", "6.1.0", "10.0")).allMatch(it -> Survey.isAtLeast(it, 5, 13));
    assertThat(List.of("5.12.9", "4.18.0-553.el8", "5.4.0")).noneMatch(it -> Survey.isAtLeast(it, 5, 13));
  }
}
