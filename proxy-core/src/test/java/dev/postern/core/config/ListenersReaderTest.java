package dev.postern.core.config;

import static dev.postern.core.config.Reading.MINIMAL;
import static dev.postern.core.config.Reading.errors;
import static dev.postern.core.config.Reading.errorsOf;
import static dev.postern.core.config.Reading.valid;
import static dev.postern.core.config.Reading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenersReaderTest {

  @Test
  void refusesAServiceThatNoProtocolProvides() {
    assertThat(errors("listeners: [service: imap3s]"))
        .containsExactly(
            "postern.yaml:10: listeners[0].service: no service \"imap3s\" (did you mean imaps?)");
    assertThat(errors("listeners: [service: nntp]"))
        .containsExactly(
            "postern.yaml:10: listeners[0].service: no service \"nntp\""
                + " (one of: imaps, imap, pop3s, pop3, submissions, submission)");
  }

  @Test
  void refusesAListenerWithNobodyBehind() {
    assertThat(errors("listeners:\n  - service: pop3s\n  - service: imaps"))
        .containsExactly(
            "postern.yaml:11: listeners[0].service: there is no backend for pop3"
                + " (add backends.pop3, or remove the listener)");
  }

  @Test
  void refusesTwoListenersOfOneName() {
    assertThat(errors("listeners:\n  - service: imaps\n  - { service: imaps, address: \":1993\" }"))
        .containsExactly(
            "postern.yaml:12: listeners[1].service: a second listener named imaps"
                + " (give each its own name)");
  }

  @ParameterizedTest
  @CsvSource({
    ":993, :993, true",
    ":993, 192.0.2.1:993, true",
    "0.0.0.0:993, 192.0.2.1:993, true",
    "192.0.2.1:993, 0.0.0.0:993, true",
    "[::]:993, 192.0.2.1:993, true",
    "[::]:993, [2001:db8::1]:993, true",
    "[::]:993, 0.0.0.0:993, true",
    "192.0.2.1:993, 192.0.2.1:993, true",
    "192.0.2.1:993, 192.0.2.2:993, false",
    "0.0.0.0:993, [2001:db8::1]:993, false",
    ":993, :143, false",
    ":0, :0, false",
  })
  void refusesTwoListenersOnOneAddress(String one, String other, boolean refused) {
    String listeners =
        "listeners:\n  - { service: imaps, name: a, address: \"%s\" }\n  - { service: imaps, name: b, address: \"%s\" }"
            .formatted(one, other);
    if (refused) {
      assertThat(errors(listeners))
          .singleElement()
          .asString()
          .startsWith("postern.yaml:12: listeners[1].address: the listener a has this address");
    } else {
      assertThat(warnings(listeners)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "993",
    "localhost:993",
    "mail.example.org:993",
    ":65536",
    ":-1",
    "2001:db8::1:993",
    "[2001:db8::1]",
    "[192.0.2.1:993",
    "192.0.2.1:imaps",
    "192.0.2:993",
    "''"
  })
  void refusesWhatIsNoAddressToListenOn(String address) {
    assertThat(errors("listeners: [{ service: imaps, address: \"" + address + "\" }]"))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:10: listeners[0].address: ");
  }

  @Test
  void saysNothingElseOfAnAddressThatItCannotRead() {
    assertThat(
            errors(
                """
                listeners:
                  - { service: imaps, address: nowhere }
                  - { service: imap, address: ":993" }
                  - { service: imap, name: "a b", address: ":1143" }
                management: { address: "127.0.0.1" }
                """))
        .hasSize(3)
        .anyMatch(e -> e.startsWith("postern.yaml:11: listeners[0].address: "))
        .anyMatch(e -> e.startsWith("postern.yaml:13: listeners[2].name: "))
        .anyMatch(e -> e.startsWith("postern.yaml:14: management.address: "));
  }

  @Test
  void saysNothingElseOfCertificatesThatItCannotRead() {
    assertThat(
            errorsOf(
                """
                hostname: mail.example.org
                certificates: { name: main, chain: c, key: k }
                backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
                """))
        .containsExactly(
            "postern.yaml:2: certificates: expected a list, found a mapping"
                + " (begin each entry with \"- \")");
  }

  @Test
  void refusesACertificateThatIsNotThere() {
    assertThat(errors("listeners: [{ service: imaps, certificates: [mian] }]"))
        .containsExactly(
            "postern.yaml:10: listeners[0].certificates[0]: no certificate \"mian\""
                + " (did you mean main?)");
  }

  /** None is chosen by SNI, so a second certificate would be shown to nobody. */
  @Test
  @Tag("CCO-4.4")
  void letsAListenerChooseAmongAllCertificates() {
    String two = MINIMAL.replace("backends:", "  - { name: b, chain: c, key: k }\nbackends:");
    assertThat(valid(two).configuration().listeners())
        .extracting(ListenerSettings::certificates)
        .containsExactly(List.of("main", "b"), List.of("main", "b"));
    assertThat(
            valid(two + "listeners: [{ service: imaps, certificates: [b, main, b] }]")
                .configuration()
                .listeners())
        .extracting(ListenerSettings::certificates)
        .containsExactly(List.of("b", "main"));
  }

  @Test
  @Tag("DEEP-9.2a")
  void letsAListenerWaitForItsCertificateWhenToldTo() {
    assertThat(
            valid(
                    """
                    hostname: mail.example.org
                    backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
                    listeners: [{ service: imaps, tls: { without-certificate: true } }]
                    """)
                .warnings())
        .singleElement()
        .satisfies(w -> assertThat(w.message()).contains("imaps turns everybody away"));
  }

  @Test
  void letsEachListenerShowACertificateOfItsOwn() {
    String two = MINIMAL.replace("backends:", "  - { name: b, chain: c, key: k }\nbackends:");
    assertThat(
            valid(
                    two
                        + "listeners:\n"
                        + "  - { service: imaps, certificates: main }\n"
                        + "  - { service: imap, certificates: b }\n")
                .configuration()
                .listeners())
        .extracting(ListenerSettings::certificates)
        .containsExactly(List.of("main"), List.of("b"));
  }

  @Test
  @Tag("DEEP-9.2a")
  void tellsListenersThatMustHaveACertificateFromThoseThatCannotOfferStarttls() {
    String without =
        """
        hostname: mail.example.org
        backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
        """;
    assertThat(errorsOf(without)).singleElement().asString().contains("imaps begins with TLS");
    assertThat(valid(without + "listeners: [service: imap]").warnings())
        .singleElement()
        .satisfies(w -> assertThat(w.message()).contains("imap cannot offer STARTTLS"));
  }

  @Test
  void warnsOfABackendThatNoListenerLeadsTo() {
    assertThat(
            valid(
                    MINIMAL
                        + "  pop3: { profile: plain, addresses: [10.0.0.5] }\nlisteners: [service: imaps]\n")
                .warnings())
        .singleElement()
        .satisfies(w -> assertThat(w.message()).isEqualTo("no listener leads to pop3"));
  }
}
