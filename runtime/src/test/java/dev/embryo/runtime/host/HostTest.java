package dev.embryo.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostTest {
  @Test
  void theHighestCapabilityIsReadWhole() throws Exception {
    int capAuditRead = 37; // the highest of Linux 3.16: each kernel that runs here has at least that

    assertThat(Host.current().lastCapability()).isGreaterThanOrEqualTo(capAuditRead);
  }
}
