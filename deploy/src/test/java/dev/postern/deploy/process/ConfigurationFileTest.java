package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationFileTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    certificate("a", Duration.ofDays(90));
    certificate("b", Duration.ofDays(90));
    Files.writeString(folder.resolve("users"), "alice: staff\n");
    file = folder.resolve("postern.yaml");
    Files.writeString(
        file,
        """
        hostname: mail.example.test
        certificates:
          - name: a
            chain: a.pem
            key: a.key
          - name: b
            chain: b.pem
            key: b.key
        backends:
          imap: { profile: plain, addresses: ["127.0.0.1:143"] }
        policy:
          directory: { file: users }
        listeners:
          - { service: imaps, certificates: a }
          - { service: imap, certificates: b }
        """);
  }

  private void certificate(String name, Duration validity) throws Exception {
    certificate(name, NOW.minus(Duration.ofDays(1)), validity, "mail.example.test");
  }

  private void certificate(String name, Instant begin, Duration validity, String names)
      throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            // The builder's own way takes no wildcards.
            .addExtensionOctetString(
                Extension.subjectAlternativeName.getId(),
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, names)).getEncoded())
            .setIsCertificateAuthority(true)
            .notBefore(begin)
            .notAfter(NOW.plus(validity))
            .buildSelfSigned();
    Files.writeString(folder.resolve(name + ".pem"), bundle.getCertificatePathPEM());
    Path key = folder.resolve(name + ".key");
    Files.writeString(key, bundle.getPrivateKeyPEM());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  private ConfigurationFile.Reading reading() {
    return new ConfigurationFile(file, Protocols.load(), Clock.fixed(NOW, ZoneOffset.UTC))
        .reading();
  }

  @Test
  void isValidWithoutWarnings() {
    assertThat(reading().result())
        .isInstanceOfSatisfying(
            ReadResult.Valid.class, valid -> assertThat(valid.warnings()).isEmpty());
  }

  @Test
  void watchesEveryFileThatItIsReadFrom() {
    assertThat(reading().stamps().files())
        .containsOnlyKeys(
            file,
            folder.resolve("a.pem"),
            folder.resolve("a.key"),
            folder.resolve("b.pem"),
            folder.resolve("b.key"),
            folder.resolve("users"));
  }

  @Test
  void tellsWhatIsWrongInAllTheFilesThatAreNamed() throws Exception {
    Files.copy(
        folder.resolve("b.key"), folder.resolve("a.key"), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(folder.resolve("b.pem"), "not a certificate\n");
    Files.writeString(folder.resolve("users"), "alice staff\n");
    assertThat(problems(reading().result()))
        .satisfiesExactly(
            first -> assertThat(first).contains("postern.yaml:4: certificates[0]", "a.key"),
            second -> assertThat(second).contains("postern.yaml:7: certificates[1]", "b.pem"),
            third ->
                assertThat(third)
                    .contains("postern.yaml:12: policy.directory.file", "users:1: no user"));
  }

  @Test
  @Tag("CCO-4.4")
  void warnsOfAListenerWithoutACertificateForTheHostname() throws Exception {
    certificate("b", NOW.minus(Duration.ofDays(1)), Duration.ofDays(90), "internal.example.test");
    assertThat(warnings())
        .singleElement()
        .asString()
        .isEqualTo(
            "no certificate of imap has mail.example.test among its subject alternative names");
  }

  @Test
  void looksIntoTicketKeysAndWatchesThem() throws Exception {
    Path first = ticketKey("first", 48);
    Path second = ticketKey("second", 48);
    Files.writeString(file, Files.readString(file) + "tls: { tickets: [first, second] }\n");
    assertThat(reading().result()).isInstanceOf(ReadResult.Valid.class);
    assertThat(reading().stamps().files()).containsKeys(first, second);
    ticketKey("second", 20);
    assertThat(problems(reading().result()))
        .singleElement()
        .asString()
        .contains("postern.yaml:16: tls.tickets[1]", "holds 20 octets", "openssl rand 48");
    assertThat(reading().stamps().files())
        .as("what is broken now is looked at again")
        .containsKeys(first, second);
  }

  @Test
  void warnsWhereNothingCanBeStapled() throws Exception {
    Files.writeString(
        file,
        Files.readString(file).replace("    key: a.key\n", "    key: a.key\n    ocsp: fetch\n"));
    assertThat(reading().result())
        .isInstanceOfSatisfying(
            ReadResult.Valid.class,
            valid ->
                assertThat(valid.warnings())
                    .singleElement()
                    .satisfies(
                        warning ->
                            assertThat(warning.text("postern.yaml"))
                                .contains("postern.yaml:6: certificates[0].ocsp", "issuer")));
  }

  private Path ticketKey(String name, int size) throws Exception {
    byte[] octets = new byte[size];
    new Random(name.hashCode()).nextBytes(octets);
    Path key = Files.write(folder.resolve(name), octets);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    return key;
  }

  @Test
  @Tag("CCO-4.2b")
  void looksIntoAMasterUsersPasswordFile() throws Exception {
    Path password = folder.resolve("master");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "addresses: [\"127.0.0.1:143\"] }",
                "addresses: [\"127.0.0.1:143\"],\n"
                    + "    master-user: { name: proxy, password-file: master } }"));
    Files.writeString(password, "s3cret\n");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    assertThat(warnings()).isEmpty();
    assertThat(reading().stamps().files()).containsKey(password);

    Files.writeString(password, "\n");
    assertThat(problems(reading().result()))
        .singleElement()
        .asString()
        .contains("backends.imap.master-user.password-file", password + " is empty");

    Files.writeString(password, "s3cret\nand more\n");
    assertThat(problems(reading().result()))
        .singleElement()
        .asString()
        .contains(password + " has more than one line")
        .doesNotContain("s3cret");
  }

  @Test
  @Tag("CCO-4.2a")
  void readsAndWatchesWhatClientCertificatesAreJudgedBy() throws Exception {
    askForClientCertificates();
    Files.writeString(folder.resolve("prints"), "ab".repeat(32) + " alice\n");
    ConfigurationFile.Reading reading = reading();
    assertThat(reading.stamps().files())
        .containsKeys(
            folder.resolve("a.pem"), folder.resolve("clients.crl"), folder.resolve("prints"));
    assertThat(problems(reading.result()))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .contains(
                        "tls.client-certificates.authorities",
                        "clients.crl is not a file of certificate revocation lists"));
  }

  @Test
  @Tag("CCO-4.2a")
  void tellsEverythingThatIsWrongWithFingerprintsAtTheListenersLine() throws Exception {
    askForClientCertificates();
    Files.writeString(folder.resolve("prints"), "alice\n" + "ab".repeat(32) + " a b\n");
    assertThat(problems(reading().result()))
        .hasSize(3)
        .allSatisfy(
            problem ->
                assertThat(problem)
                    .contains("postern.yaml:18: listeners[0].tls.client-certificates.authorities"))
        .anySatisfy(problem -> assertThat(problem).contains("prints line 1: no SHA-256"))
        .anySatisfy(problem -> assertThat(problem).contains("prints line 2: a fingerprint"));
  }

  private void askForClientCertificates() throws Exception {
    Files.writeString(folder.resolve("clients.crl"), "not a list\n");
    Files.writeString(folder.resolve("password"), "secret\n");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "addresses: [\"127.0.0.1:143\"] }",
                "addresses: [\"127.0.0.1:143\"],"
                    + " master-user: { name: m, password-file: password } }")
            .replace(
                "  - { service: imaps, certificates: a }\n",
                """
                  - service: imaps
                    certificates: a
                    tls:
                      client-certificates:
                        authorities: a.pem
                        revocations: [clients.crl]
                        fingerprints: prints
                """));
  }

  @Test
  void neverQuotesAKey() throws Exception {
    String secret = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    Files.writeString(
        folder.resolve("a.key"),
        "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n");
    assertThat(problems(checked())).singleElement().asString().doesNotContain(secret);
  }

  @Test
  @Tag("CCO-4.4")
  @Tag("DEEP-10.5")
  void tellsOfACertificateThatExpiresSoonOrHasExpired() throws Exception {
    certificate("a", Duration.ofDays(3));
    assertThat(warnings()).containsExactly(folder.resolve("a.pem") + " expires on 2026-11-25");
    certificate("b", Duration.ofHours(-1));
    assertThat(problems(checked()))
        .singleElement()
        .asString()
        .contains("postern.yaml:7: certificates[1]", "b.pem expired on 2026-11-22", "renew it");
  }

  @Test
  @Tag("DEEP-9.2a")
  void theRestCanBePutInForceWithoutACertificate() throws Exception {
    Files.delete(folder.resolve("a.key"));
    certificate("b", Duration.ofHours(-1));
    ConfigurationFile.Reading reading = reading();
    assertThat(reading.result()).isInstanceOf(ReadResult.Valid.class);
    assertThat(reading.unusable())
        .extracting(Problem::path)
        .containsExactly("certificates[0]", "certificates[1]");
    assertThat(problems(checked())).hasSize(2);
  }

  @Test
  void aPasswordThatIsMissingForAKeyIsNamedByItsKeyInTheFile() throws Exception {
    Files.writeString(
        folder.resolve("a.key"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAQID\n-----END ENCRYPTED PRIVATE KEY-----\n");
    assertThat(problems(checked())).singleElement().asString().contains("key-password-file");
  }

  @Test
  void warnsOfACertificateThatIsNotYetValid() throws Exception {
    certificate("a", NOW.plusSeconds(60), Duration.ofDays(90), "mail.example.test");
    assertThat(warnings())
        .containsExactly(folder.resolve("a.pem") + " is not valid before 2026-11-22T10:01:00Z");
  }

  @Test
  void warnsWhenNoCertificateIsForTheHostname() throws Exception {
    Instant begin = NOW.minusSeconds(60);
    for (String name : List.of("a", "b")) {
      certificate(name, begin, Duration.ofDays(90), "*.imap.example.test");
    }
    assertThat(warnings())
        .containsExactly(
            "no certificate has mail.example.test among its subject alternative names");
    for (String name : List.of("a", "b")) {
      certificate(name, begin, Duration.ofDays(90), "*.Example.test");
    }
    assertThat(warnings()).isEmpty();
  }

  private ReadResult checked() {
    return new ConfigurationFile(file, Protocols.load(), Clock.fixed(NOW, ZoneOffset.UTC)).read();
  }

  private List<String> warnings() {
    return ((ReadResult.Valid) reading().result())
        .warnings().stream().map(Problem::message).toList();
  }

  private List<String> problems(ReadResult result) {
    assertThat(result).isInstanceOf(ReadResult.Invalid.class);
    return ((ReadResult.Invalid) result)
        .problems().stream().map(p -> p.text(file.toString())).toList();
  }
}
