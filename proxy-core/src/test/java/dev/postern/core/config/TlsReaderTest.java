package dev.postern.core.config;

import static dev.postern.core.config.Reading.configuration;
import static dev.postern.core.config.Reading.errors;
import static dev.postern.core.config.Reading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.IdentityMapping;
import dev.postern.core.tls.NamedGroup;
import dev.postern.core.tls.TlsProfile;
import dev.postern.core.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsReaderTest {
  private static final String MASTER =
      "    master-user: { name: postern, password-file: master }\n";

  @Test
  void takesVersionsAndSuitesFromTheProfile() {
    assertThat(configuration("tls: { profile: modern }").tls())
        .isEqualTo(TlsSettings.DEFAULT.with(TlsProfile.MODERN))
        .returns(TlsVersion.TLS_1_3, TlsSettings::minimum)
        .returns(List.of(), TlsSettings::cipherSuites);
    assertThat(configuration("tls: { profile: intermediate }").tls())
        .isEqualTo(TlsSettings.DEFAULT);
  }

  @Test
  @Tag("DEEP-9.1a")
  @Tag("CCO-4.1d")
  void permitsLegacyAtTheListenerThatNeedsIt() {
    Configuration read =
        configuration(
            """
            listeners:
              - service: imaps
              - { service: imap, tls: { profile: legacy } }
            """);
    assertThat(read.tls()).isEqualTo(TlsSettings.DEFAULT);
    assertThat(read.listeners().get(0).tls()).isEqualTo(TlsSettings.DEFAULT);
    assertThat(read.listeners().get(1).tls())
        .isEqualTo(TlsSettings.DEFAULT.with(TlsProfile.LEGACY))
        .returns(TlsVersion.TLS_1_0, TlsSettings::minimum)
        .satisfies(tls -> assertThat(tls.cipherSuites()).contains("TLS_RSA_WITH_AES_128_CBC_SHA"));
  }

  @Test
  @Tag("DEEP-9.1a")
  @Tag("CCO-4.1d")
  void refusesLegacyForAllListeners() {
    assertThat(errors("tls: { profile: legacy }"))
        .containsExactly(
            "postern.yaml:10: tls.profile: TLS 1.0 for every listener: mail needs 1.2 or newer"
                + " (RFC 8997) (name it at the listener that needs it, under listeners[].tls)");
    assertThat(errors("tls: { minimum: 1.1, cipher-suites: [AES128-SHA] }"))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:10: tls.minimum: TLS 1.1 for every listener");
  }

  @Test
  void letsAListenerOverrideKeyByKey() {
    Configuration read =
        configuration(
            """
            tls: { minimum: 1.3, groups: [P-256], strict-sni: true }
            listeners:
              - { service: imaps, tls: { strict-sni: false } }
              - { service: imap, tls: { groups: [x25519], without-certificate: true } }
              - { service: imap, name: old, address: ":1143", tls: { profile: intermediate } }
            """);
    TlsSettings imaps = read.listeners().get(0).tls();
    assertThat(imaps.strictServerNames()).isFalse();
    assertThat(imaps.minimum()).isEqualTo(TlsVersion.TLS_1_3);
    assertThat(imaps.groups()).containsExactly(NamedGroup.SECP256R1);
    TlsSettings imap = read.listeners().get(1).tls();
    assertThat(imap.strictServerNames()).isTrue();
    assertThat(imap.withoutCertificate()).isTrue();
    assertThat(imap.groups()).containsExactly(NamedGroup.X25519);
    TlsSettings old = read.listeners().get(2).tls();
    assertThat(old.minimum()).isEqualTo(TlsVersion.TLS_1_2);
    assertThat(old.groups()).containsExactly(NamedGroup.SECP256R1);
    assertThat(read.tls().strictServerNames()).isTrue();
  }

  @Test
  void takesSuitesByTheNamesOfIanaAndOfOpenSsl() {
    assertThat(
            configuration(
                    "tls: { cipher-suites: [ECDHE-RSA-AES256-GCM-SHA384,"
                        + " tls_ecdhe_rsa_with_aes_128_gcm_sha256, ECDHE-RSA-AES128-GCM-SHA256] }")
                .tls()
                .cipherSuites())
        .containsExactly(
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  }

  @ParameterizedTest
  @Tag("DEEP-9.1b")
  @ValueSource(
      strings = {
        "TLS_RSA_WITH_RC4_128_SHA",
        "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
        "RC4-SHA",
        "ECDHE-RSA-RC4-SHA",
        "rc4-md5"
      })
  void refusesRc4AndSaysWhy(String suite) {
    for (String where : List.of("tls: %s", "listeners: [{ service: imap, tls: %s }]")) {
      String tls = "{ cipher-suites: [AES128-SHA, " + suite + "] }";
      assertThat(errors(where.formatted(tls)))
          .singleElement()
          .asString()
          .contains("tls.cipher-suites[1]: ", "forbidden (RFC 7465)", suite);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SSLv3| SSL is not TLS, and is forbidden (RFC 7568)",
        "TLS_RSA_WITH_NULL_SHA256| encrypts nothing",
        "NULL-SHA| encrypts nothing",
        "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA| export strength",
        "EXP-DES-CBC-SHA| export strength",
        "TLS_DH_anon_WITH_AES_128_GCM_SHA256| anybody may answer",
        "ADH-AES128-SHA| anybody may answer",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA| 64-bit blocks",
        "DES-CBC3-SHA| 64-bit blocks",
        "TLS_RSA_WITH_IDEA_CBC_SHA| 64-bit blocks",
        "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256| agreed on before",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256| the TLS engine does not have",
        "DHE-RSA-AES128-GCM-SHA256| does not have TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_FALLBACK_SCSV| no cipher suite",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265| did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?",
        "HIGH:!aNULL| is not one suite",
        "AES128-SHA:AES256-SHA| is not one suite",
        "ECDHE+AESGCM| is not one suite",
      })
  void refusesSuitesThatProtectNobodyOrAreNotThere(String suite, String because) {
    assertThat(errors("tls: { cipher-suites: [\"" + suite + "\"] }"))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:10: tls.cipher-suites[0]: ")
        .contains(because);
  }

  @Test
  void saysThatSuitesOfTls13CannotBeChosen() {
    assertThat(
            warnings(
                "tls: { cipher-suites: [TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256] }"))
        .singleElement()
        .asString()
        .contains("tls.cipher-suites: the suites of TLS 1.3 cannot be chosen");
    assertThat(warnings("tls: { minimum: 1.3, cipher-suites: [ECDHE-RSA-AES128-GCM-SHA256] }"))
        .singleElement()
        .asString()
        .contains("tls.cipher-suites: does nothing");
  }

  @Test
  void warnsOfSuitesWithoutForwardSecrecyThatAreAskedForByName() {
    assertThat(warnings("tls: { cipher-suites: [ECDHE-RSA-AES128-GCM-SHA256, AES128-SHA] }"))
        .singleElement()
        .asString()
        .contains("no forward secrecy: TLS_RSA_WITH_AES_128_CBC_SHA (RFC 9325");
    assertThat(warnings("listeners: [{ service: imap, tls: { profile: legacy } }]")).isEmpty();
  }

  @ParameterizedTest
  @Tag("CCO-4.1d")
  @CsvSource(
      delimiter = '|',
      value = {
        "{ minimum: 1.0 }| tls.minimum: no suite of TLS 1.0 is offered (profile: legacy",
        "{ minimum: 1.1, cipher-suites: [AES128-GCM-SHA256] }| tls.minimum: no suite of TLS 1.1",
        "{ cipher-suites: [TLS_AES_128_GCM_SHA256] }| tls.cipher-suites: no suite of TLS 1.2",
        "{ profile: legacy, cipher-suites: [ECDHE-RSA-AES128-GCM-SHA256] }| tls.cipher-suites: no suite of TLS 1.0",
        "{ profile: modern, minimum: 1.2 }| tls.minimum: no suite of TLS 1.2",
        "{ maximum: 1.1 }| tls.maximum: the minimum, 1.2, is above the maximum, 1.1",
        "{ cipher-suites: [] }| tls.cipher-suites: an empty list",
      })
  void refusesAVersionForWhichNothingRemains(String tls, String problem) {
    assertThat(errors("listeners: [{ service: imap, tls: " + tls + " }]"))
        .singleElement()
        .asString()
        .contains("listeners[0]." + problem);
  }

  @Test
  @Tag("CCO-4.1d")
  void permitsOldVersionsToAListenerWithSuitesForThem() {
    assertThat(
            configuration(
                    "listeners: [{ service: imap, tls: { minimum: 1.0, maximum: 1.1,"
                        + " cipher-suites: [ECDHE-RSA-AES128-SHA] } }]")
                .listeners()
                .get(0)
                .tls())
        .returns(TlsVersion.TLS_1_0, TlsSettings::minimum)
        .returns(TlsVersion.TLS_1_1, TlsSettings::maximum);
  }

  @Test
  void readsGroupsAndRefusesThoseThatDoNotExist() {
    assertThat(configuration("tls: { groups: [P-521, prime256v1, secp256r1] }").tls().groups())
        .containsExactly(NamedGroup.SECP521R1, NamedGroup.SECP256R1);
    assertThat(errors("tls: { groups: [x448] }"))
        .containsExactly(
            "postern.yaml:10: tls.groups[0]: no group \"x448\" (one of: X25519MLKEM768, x25519,"
                + " secp256r1, secp384r1, secp521r1)");
    assertThat(errors("tls: { groups: [] }")).hasSize(1);
    assertThat(errors("tls: { groups: X25519MLKEM768 }"))
        .singleElement()
        .asString()
        .contains("X25519MLKEM768 is of TLS 1.3 alone");
    assertThat(warnings("tls: { minimum: 1.3, groups: X25519MLKEM768 }")).isEmpty();
  }

  @Test
  void readsTickets() {
    assertThat(configuration("").tickets())
        .isEqualTo(new TicketSettings.Rotated(Duration.ofHours(1)));
    assertThat(configuration("tls: { tickets: rotated, ticket-rotation: 15m }").tickets())
        .isEqualTo(new TicketSettings.Rotated(Duration.ofMinutes(15)));
    assertThat(configuration("tls: { tickets: off }").tickets())
        .isEqualTo(new TicketSettings.Off());
    assertThat(configuration("tls: { tickets: [new.key, /run/old.key] }").tickets())
        .isEqualTo(
            new TicketSettings.Files(
                List.of(Path.of("/etc/postern/new.key"), Path.of("/run/old.key"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tickets: off, ticket-rotation: 1h| tls.ticket-rotation: no keys are made here",
        "tickets: a.key, ticket-rotation: 1h| tls.ticket-rotation: no keys are made here",
        "tickets: [off, a.key]| tls.tickets: off and rotated stand alone",
        "tickets: []| tls.tickets: an empty list",
        "ticket-rotation: 8d| tls.ticket-rotation: 8d is out of range",
        "strict-sni: yes| tls.strict-sni: \"yes\" is neither true nor false",
      })
  void refusesTicketsAndSwitchesThatSayNothing(String tls, String problem) {
    assertThat(errors("tls: { " + tls + " }")).singleElement().asString().contains(problem);
  }

  @Test
  void keepsTicketsForAllListeners() {
    assertThat(errors("listeners: [{ service: imap, tls: { tickets: off } }]"))
        .singleElement()
        .asString()
        .contains("listeners[0].tls.tickets: no such key");
  }

  @Test
  @Tag("CCO-4.2a")
  void asksForNoCertificateUnlessToldTo() {
    assertThat(configuration("").listeners())
        .allSatisfy(listener -> assertThat(listener.tls().clients()).isEmpty());
  }

  @Test
  @Tag("CCO-4.2a")
  void refusesToAskForCertificatesThatStandForNobody() {
    for (String identity : List.of("", ", identity: []", ", identity:")) {
      assertThat(
              errors(
                  MASTER + "tls: { client-certificates: { authorities: ca.pem" + identity + " } }"))
          .containsExactly(
              "postern.yaml:11: tls.client-certificates.identity: missing: certificates would be"
                  + " asked for that stand for nobody (identity: email, upn or common-name; or"
                  + " fingerprints: the name of a file)");
    }
  }

  @Test
  void readsClientCertificatesWhenLittleIsSaid() {
    assertThat(
            configuration(
                    MASTER
                        + "tls: { client-certificates: { authorities: ca.pem, identity: email } }")
                .listeners())
        .allSatisfy(
            listener ->
                assertThat(listener.tls().clients())
                    .contains(
                        new ClientCertificateSettings(
                            Path.of("/etc/postern/ca.pem"),
                            3,
                            List.of(),
                            List.of(new IdentityMapping.Email()),
                            false,
                            false)));
  }

  @Test
  void readsClientCertificatesWhenEverythingIsSaid() {
    Configuration read =
        configuration(
            MASTER
                + """
                tls: { client-certificates: { authorities: ca.pem, identity: email } }
                listeners:
                  - service: imaps
                    tls:
                      client-certificates:
                        authorities: other.pem
                        depth: 1
                        revocations: [a.crl, b.crl]
                        identity: [upn, common-name]
                        fingerprints: prints
                        required: true
                        preauth: true
                  - { service: imap, tls: { client-certificates: off } }
                """);
    assertThat(read.listeners().get(0).tls().clients())
        .contains(
            new ClientCertificateSettings(
                Path.of("/etc/postern/other.pem"),
                1,
                List.of(Path.of("/etc/postern/a.crl"), Path.of("/etc/postern/b.crl")),
                List.of(
                    new IdentityMapping.Fingerprints(Path.of("/etc/postern/prints")),
                    new IdentityMapping.UserPrincipalName(),
                    new IdentityMapping.CommonName()),
                true,
                true));
    assertThat(read.listeners().get(1).tls().clients()).isEmpty();
    assertThat(read.backends().get("imap").master())
        .contains(new MasterUserSettings("postern", Path.of("/etc/postern/master")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "identity: email| authorities: missing",
        "authorities: ca, identity: [mail]| identity[0]: \"mail\" is not possible here (one of: email",
        "authorities: ca, identity: email, depth: 17| depth: 17 is out of range",
        "authorities: ca, identity: email, required: 1| required: \"1\" is neither",
      })
  void refusesClientCertificatesThatCannotBeChecked(String clients, String problem) {
    assertThat(errors(MASTER + "tls: { client-certificates: { " + clients + " } }"))
        .singleElement()
        .asString()
        .contains("tls.client-certificates." + problem);
  }

  @Test
  @Tag("CCO-4.2b")
  void permitsPreauthAtImapsAlone() {
    String preauth =
        "tls: { client-certificates: { authorities: a, identity: upn, preauth: true } }";
    assertThat(errors(MASTER + "listeners: [{ service: imap, " + preauth + " }]"))
        .containsExactly(
            "postern.yaml:11: listeners[0].tls.client-certificates: nobody is logged in by the"
                + " greeting of imap (leave preauth out; it is for imaps)");
    assertThat(errors(MASTER + preauth))
        .containsExactly(
            "postern.yaml:11: tls.client-certificates: preauth for every listener"
                + " (name it at the one of imaps, under listeners[].tls)");
    assertThat(warnings(MASTER + "listeners: [{ service: imaps, " + preauth + " }]")).isEmpty();
  }

  @Test
  @Tag("CCO-4.2b")
  void asksForAnAccountForThoseWhoHaveNoPassword() {
    String clients = "tls: { client-certificates: { authorities: ca, identity: email } }\n";
    assertThat(errors(clients))
        .containsExactly(
            "postern.yaml:6: backends: users who log in at imaps by a certificate have no password"
                + " for the server (add master-user to backends.imap, with name and password-file)");
    String submission = "  submission: { profile: postfix, addresses: [10.0.0.6] }\n";
    assertThat(
            warnings(
                submission + "listeners: [service: imap, { service: submission, " + clients + "}]"))
        .isEmpty();
    assertThat(
            errors(
                submission.replace("postfix", "dovecot-2.4")
                    + "listeners: [service: imap, { service: submission, "
                    + clients
                    + "}]"))
        .singleElement()
        .asString()
        .contains("users who log in at submission", "backends.submission");
  }

  @Test
  void refusesAMasterUserOfPostfix() {
    assertThat(
            errors(
                "  submission: { profile: postfix, addresses: [10.0.0.6],"
                    + " master-user: { name: a, password-file: b } }"))
        .singleElement()
        .asString()
        .contains("backends.submission.master-user: Postfix is told by XCLIENT");
    assertThat(errors("    master-user: {}\n"))
        .hasSize(2)
        .anyMatch(e -> e.contains("backends.imap.master-user.name: missing"))
        .anyMatch(e -> e.contains("backends.imap.master-user.password-file: missing"));
    assertThat(configuration("").backends().get("imap").master()).isEqualTo(Optional.empty());
  }
}
