package dev.embryo.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RestrictionsTest {
  private static final OptionalLong UNSET = OptionalLong.empty();
  private static final OptionalLong ZERO = OptionalLong.of(0);
  private static final OptionalLong ONE = OptionalLong.of(1);
  private static final OptionalLong MANY = OptionalLong.of(96365);
  private static final Restrictions NONE = new Restrictions(ZERO, true, false, MANY, UNSET, UNSET);

  @Test
  void thisProcessIsNotFilteredAndHasCapabilitiesIfItIsRoot() throws Exception {
    var here = Restrictions.current();

    assertThat(here.seccomp()).isEqualTo(ZERO);
    assertThat(here.isFiltered()).isFalse();
    assertThat(here.administrator()).isEqualTo(System.getProperty("user.name").equals("root"));
    assertThat(here.ignoresChildren()).isFalse();
    assertThat(here.userNamespaces()).isPresent();
  }

  @Test
  void aHostThatTakesNothingAwayGivesNoCauseForDoubt() {
    assertThat(NONE.giveCauseForDoubt(true)).isFalse();
    assertThat(NONE.giveCauseForDoubt(false)).isFalse();
    assertThat(new Restrictions(ZERO, false, true, MANY, ONE, ZERO).giveCauseForDoubt(false)).isFalse();
  }

  @Test
  void eachRestrictionGivesCauseForDoubt() {
    assertThat(new Restrictions(UNSET, true, false, MANY, UNSET, UNSET).giveCauseForDoubt(true)).isTrue();
    assertThat(new Restrictions(OptionalLong.of(2), true, false, MANY, UNSET, UNSET).giveCauseForDoubt(true)).isTrue();
    assertThat(new Restrictions(ZERO, false, false, MANY, UNSET, UNSET).giveCauseForDoubt(true)).isTrue();
    assertThat(new Restrictions(ZERO, false, false, ZERO, UNSET, UNSET).giveCauseForDoubt(false)).isTrue();
    assertThat(new Restrictions(ZERO, false, false, MANY, ZERO, UNSET).giveCauseForDoubt(false)).isTrue();
    assertThat(new Restrictions(ZERO, false, false, MANY, UNSET, ONE).giveCauseForDoubt(false)).isTrue();
  }

  @Test
  void whatTakesUserNamespacesFromOrdinaryUsersDoesNotConcernRoot() {
    assertThat(new Restrictions(ZERO, true, false, ZERO, ZERO, ONE).giveCauseForDoubt(true)).isFalse();
  }
}
