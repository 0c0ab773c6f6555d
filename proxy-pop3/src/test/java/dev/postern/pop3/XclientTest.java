package dev.postern.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XclientTest {

  @Test
  @Tag("DEEP-7.1c")
  void carriesTheCipherSuite() {
    assertThat(command("TLS_AES_128_GCM_SHA256", "mail.example.org"))
        .contains(" FORWARD=dGxzPVRMU19BRVNfMTI4X0dDTV9TSEEyNTY= ")
        .endsWith(" DESTNAME=mail.example.org\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\r\nDELE 1", "a\tb", "", "\u00e9.example", "a=b"})
  void leavesOutAServerNameThatIsNone(String name) {
    assertThat(command("TLS_AES_128_GCM_SHA256", name))
        .endsWith(" CLIENT-TRANSPORT=TLS\r\n")
        .doesNotContain("DESTNAME");
  }

  @Test
  void staysWithinALine() {
    assertThat(command("TLS_AES_128_GCM_SHA256", "a".repeat(253)).length())
        .isLessThanOrEqualTo(Xclient.LINE_LIMIT);
    assertThat(command("X".repeat(1000), "mail.example.org"))
        .isEqualTo("XCLIENT ADDR=192.0.2.4 PORT=4711 SESSION=01JD0000000000000000000000 TTL=6\r\n");
  }

  @Test
  void saysNothingToOtherServers() {
    assertThat(Xclient.command(LoggedIn.facts(BackendProfile.PLAIN), Optional.empty())).isEmpty();
    assertThat(Xclient.command(LoggedIn.facts(BackendProfile.POSTFIX), Optional.empty())).isEmpty();
  }

  private static String command(String suite, String serverName) {
    TlsFacts tls =
        new TlsFacts(
            TlsVersion.TLS_1_3,
            suite,
            Optional.empty(),
            Optional.of(serverName),
            Optional.empty(),
            false,
            TlsMode.IMPLICIT);
    return Xclient.command(LoggedIn.facts(BackendProfile.DOVECOT_2_4), Optional.of(tls))
        .orElseThrow();
  }
}
