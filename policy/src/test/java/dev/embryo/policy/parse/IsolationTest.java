package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Isolation.Layer;
import dev.embryo.policy.model.Isolation.Sharing;
import org.junit.jupiter.api.Test;

/** What may be left out of the layers, and what means nothing then. */
class IsolationTest {
  private static final String WITHOUT = "isolation: {require: [landlock, seccomp]";

  @Test
  void withoutNamespacesEverythingIsShared() throws Exception {
    var isolation = Texts.with(WITHOUT + "}\n").isolation();

    assertThat(isolation.hasNamespaces()).isFalse();
    assertThat(isolation.require()).containsExactlyInAnyOrder(Layer.LANDLOCK, Layer.SECCOMP);
    assertThat(isolation.pid()).isEqualTo(Sharing.SHARED);
    assertThat(isolation.network()).isEqualTo(Sharing.SHARED);
    assertThat(isolation.ipc()).isEqualTo(Sharing.SHARED);
    assertThat(isolation.hostname()).isEqualTo(Sharing.SHARED);
    assertThat(Texts.with(WITHOUT + ", pid: shared, network: shared, ipc: shared, hostname: shared}\n").isolation())
        .isEqualTo(isolation);
  }

  @Test
  void oneNamespaceMayBeSharedAlone() throws Exception {
    var isolation = Texts.with("isolation: {ipc: shared}\n").isolation();

    assertThat(isolation.hasNamespaces()).isTrue();
    assertThat(isolation.ipc()).isEqualTo(Sharing.SHARED);
    assertThat(isolation.pid()).isEqualTo(Sharing.PRIVATE);
  }

  @Test
  void neitherLandlockNorSeccompMayBeLeftOut() {
    String refusal = ": isolation.require: 'landlock' and 'seccomp' cannot be left out: without them nothing keeps files"
        + " and system calls from the program; 'namespaces' can";
    assertThat(Texts.errorsWith("isolation: {require: [namespaces, seccomp]}\n")).isEqualTo("p.yaml:4:22" + refusal);
    assertThat(Texts.errorsWith("isolation: {require: [namespaces, landlock]}\n")).isEqualTo("p.yaml:4:22" + refusal);
    assertThat(Texts.errorsWith("isolation: {require: []}\n")).startsWith("p.yaml:4:22: isolation.require: ");
  }

  @Test
  void nothingIsPrivateWithoutNamespaces() {
    assertThat(Texts.errorsWith(WITHOUT + ", pid: private, network: private,\n  ipc: private, hostname: private}\n"))
        .isEqualTo("""
            p.yaml:4:48: isolation.pid: 'private' takes a namespace, which isolation.require leaves out; write 'shared'
            p.yaml:4:66: isolation.network: 'private' takes a namespace, which isolation.require leaves out; write 'shared'
            p.yaml:5:8: isolation.ipc: 'private' takes a namespace, which isolation.require leaves out; write 'shared'
            p.yaml:5:27: isolation.hostname: 'private' takes a namespace, which isolation.require leaves out; write 'shared'\
            """);
  }

  @Test
  void noOtherIdIsSeenInsideWithoutAUserNamespace() {
    assertThat(Texts.errorsWith(WITHOUT + "}\nidentity: {inside: {user: 7, group: 8}}\n")).isEqualTo("""
        p.yaml:5:27: identity.inside.user: only in a user namespace does a program see another id than its own, which \
        isolation.require leaves out
        p.yaml:5:37: identity.inside.group: only in a user namespace does a program see another id than its own, which \
        isolation.require leaves out\
        """);
  }
}
