package dev.postern.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
  private static final List<String> OFFER =
      List.of(
          "IMAP4rev1",
          "starttls",
          "LoginDisabled",
          "AUTH=plain",
          "AUTH=SCRAM-SHA-256-PLUS",
          "AUTH=GSSAPI",
          "Compress=Deflate",
          "id");

  @Test
  void hidesWhatAProxyCannotKeep() {
    assertThat(Capabilities.beforeLogin(OFFER, false, true, false))
        .containsExactly("IMAP4rev1", "AUTH=plain", "id", "DEEP");
  }

  @Test
  @Tag("DEEP-9.2a")
  void offersStartTlsOnlyWhereItWorks() {
    assertThat(Capabilities.beforeLogin(OFFER, true, true, false)).contains("STARTTLS");
    assertThat(Capabilities.beforeLogin(OFFER, false, true, false))
        .doesNotContain("STARTTLS", "starttls");
  }

  @Test
  @Tag("CCO-4.1a")
  void offersNoMechanismWhereNobodyCanLogIn() {
    assertThat(Capabilities.beforeLogin(OFFER, false, false, false))
        .contains("LOGINDISABLED")
        .noneMatch(c -> c.startsWith("AUTH="));
  }

  @Test
  void offersPlainWhereItCanBeCarriedAsLogin() {
    assertThat(Capabilities.beforeLogin(List.of("IMAP4rev1"), false, true, false))
        .contains("AUTH=PLAIN");
    assertThat(Capabilities.beforeLogin(List.of("IMAP4rev1", "LOGINDISABLED"), false, true, false))
        .doesNotContain("AUTH=PLAIN");
  }

  @Test
  void offersNoSecondLogin() {
    assertThat(Capabilities.afterLogin(OFFER)).containsExactly("IMAP4rev1", "id", "DEEP");
  }

  @Test
  void takesWordsApart() {
    assertThat(Capabilities.words("  a  b ")).containsExactly("a", "b");
    assertThat(Capabilities.words("")).isEmpty();
  }
}
