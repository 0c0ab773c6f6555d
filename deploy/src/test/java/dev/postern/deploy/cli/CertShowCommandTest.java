package dev.postern.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.certificate.Pem;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertShowCommandTest {
  private final Instant now = Instant.now();

  @TempDir Path folder;

  private final X509Bundle root =
      build(builder().subject("CN=Root").setIsCertificateAuthority(true), null);
  private final X509Bundle intermediate =
      build(builder().subject("CN=Intermediate\\, Inc").setIsCertificateAuthority(true), root);

  private CertificateBuilder builder() {
    return new CertificateBuilder()
        .ecp256()
        .notBefore(now.minus(Duration.ofDays(1)))
        .notAfter(now.plus(Duration.ofDays(60)));
  }

  private static X509Bundle build(CertificateBuilder builder, @Nullable X509Bundle issuer) {
    try {
      return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private X509Bundle server(UnaryOperator<CertificateBuilder> more) {
    return build(
        more.apply(builder().subject("CN=mail").addSanDnsName("mail.example.org")), intermediate);
  }

  private static String pem(X509Bundle... bundles) throws Exception {
    StringBuilder pem = new StringBuilder();
    for (X509Bundle bundle : bundles) {
      pem.append(Pem.encode("CERTIFICATE", bundle.getCertificate().getEncoded()));
    }
    return pem.toString();
  }

  private Path file(X509Bundle... bundles) throws Exception {
    return Files.writeString(folder.resolve("fullchain.pem"), pem(bundles));
  }

  private static String lines(String text, String start) {
    return text.lines().filter(line -> line.startsWith("  " + start)).toList().toString();
  }

  @Test
  void aGoodChainHasNoProblems() throws Exception {
    Path file = file(server(b -> b), intermediate);
    Said said = Said.by("cert", "show", file, "--servername", "mail.example.org");
    assertThat(said.err()).isEmpty();
    assertThat(said.exit()).as(said.out()).isZero();
    assertThat(said.out())
        .startsWith(file + ":\n")
        .contains(
            "subject        CN=mail\n",
            "name           DNS-ID mail.example.org\n",
            "issued by      CN=Intermediate\\, Inc\n",
            "(days left: 59)",
            "key            ECDSA, curve: P-256\n",
            "signature      SHA256withECDSA\n",
            "must-staple    no\n",
            "for mail.example.org yes\n")
        .doesNotContain("problem:", "warning:");
  }

  @Test
  void fingerprintsAreThoseThatOpensslComputes() throws Exception {
    Path file = file(server(b -> b), intermediate);
    String said = Said.by("cert", "show", file).out();
    String fingerprint =
        Openssl.succeeds("x509", "-in", file.toString(), "-noout", "-fingerprint", "-sha256");
    assertThat(said).contains("SHA-256        " + fingerprint.strip().split("=")[1] + "\n");
    Path key = folder.resolve("public.pem");
    Path der = folder.resolve("public.der");
    Files.writeString(key, Openssl.succeeds("x509", "-in", file.toString(), "-noout", "-pubkey"));
    Openssl.succeeds(
        "pkey", "-pubin", "-in", key.toString(), "-outform", "DER", "-out", der.toString());
    String[] digest = Openssl.succeeds("dgst", "-sha256", "-r", der.toString()).split(" ");
    assertThat(said)
        .contains(
            "SHA-256 of key " + digest[0] + "\n",
            "TLSA           _993._tcp.mail.example.org. IN TLSA 3 1 1 " + digest[0] + "\n");
  }

  @Test
  void srvIdsAreShownAsNames() throws Exception {
    Path key = folder.resolve("key.pem");
    assertThat(
            Said.by(
                    "cert",
                    "csr",
                    "--hostname",
                    "mail.example.org",
                    "--domain",
                    "example.org",
                    "--service",
                    "imaps",
                    "--out",
                    folder)
                .exit())
        .isZero();
    Path issued = folder.resolve("issued.pem");
    Openssl.succeeds(
        "x509",
        "-req",
        "-in",
        folder.resolve("request.pem").toString(),
        "-copy_extensions",
        "copy",
        "-key",
        key.toString(),
        "-days",
        "30",
        "-out",
        issued.toString());
    assertThat(Said.by("cert", "show", issued).out())
        .contains("name           SRV-ID _imaps.example.org\n", "warning: is self-signed");
  }

  @Test
  void anotherNameIsAProblem() throws Exception {
    Said said =
        Said.by("cert", "show", file(server(b -> b), intermediate), "--servername", "example.org");
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out()).contains("for example.org no\n", "problem: is not for example.org: ");
  }

  @Test
  void anExpiredCertificateIsAProblemAndOneThatSoonWillAWarning() throws Exception {
    Said soon =
        Said.by(
            "cert",
            "show",
            file(server(b -> b.notAfter(now.plus(Duration.ofDays(5)))), intermediate));
    assertThat(soon.exit()).isZero();
    assertThat(soon.out()).contains("(days left: 4)", "warning: expires on ");
    Said expired =
        Said.by(
            "cert",
            "show",
            file(server(b -> b.notAfter(now.minus(Duration.ofHours(1)))), intermediate));
    assertThat(expired.exit()).isEqualTo(1);
    assertThat(expired.out()).contains("(expired)", "problem: expired on ");
  }

  @Test
  void aChainInTheWrongOrderIsAProblem() throws Exception {
    X509Bundle other = build(builder().subject("CN=Other").setIsCertificateAuthority(true), root);
    Said said = Said.by("cert", "show", file(server(b -> b), other, intermediate));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out())
        .contains("problem: certificate 2 is not that of the issuer of certificate 1: ");
  }

  @Test
  void aNamesakeOfTheIssuerIsAProblem() throws Exception {
    X509Bundle namesake =
        build(builder().subject("CN=Intermediate\\, Inc").setIsCertificateAuthority(true), root);
    Said said = Said.by("cert", "show", file(server(b -> b), namesake));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out())
        .contains("problem: certificate 1 was not signed with the key of certificate 2: ");
  }

  @Test
  void anIssuerThatMayNotIssueIsAProblem() throws Exception {
    X509Bundle person = build(builder().subject("CN=Person"), root);
    X509Bundle server =
        build(builder().subject("CN=mail").addSanDnsName("mail.example.org"), person);
    assertThat(Said.by("cert", "show", file(server, person)).out())
        .contains("problem: certificate 2 may not issue others: ");
  }

  @Test
  void aRootAndAMissingIssuerAreWarnings() throws Exception {
    Said whole = Said.by("cert", "show", file(server(b -> b), intermediate, root));
    assertThat(whole.exit()).isZero();
    assertThat(whole.out()).contains("warning: holds a root");
    Said alone = Said.by("cert", "show", file(server(b -> b)));
    assertThat(alone.exit()).isZero();
    assertThat(alone.out()).contains("warning: is alone: ");
  }

  @Test
  void namesMayNotReachTheTerminal() throws Exception {
    Path file =
        file(
            build(
                builder()
                    .subject("CN=mail\u001b[2J\u202e\nproblem")
                    .addSanDnsName("mail.example.org"),
                intermediate),
            intermediate);
    String said = Said.by("cert", "show", file).out();
    assertThat(said).contains("mail\\u{1b}[2J\\u{202e}\\u{a}problem");
    assertThat(said.chars().filter(c -> c != '\n').anyMatch(Character::isISOControl)).isFalse();
  }

  @Test
  void aConfigurationShowsAllItsCertificatesForTheirPorts() throws Exception {
    configuration(server(b -> b), "mail.example.org");
    Said said = Said.by("cert", "show", "--config", folder.resolve("postern.yaml"));
    assertThat(said.exit()).as(said.out()).isZero();
    assertThat(said.out()).startsWith("main:\n");
    assertThat(lines(said.out(), "TLSA"))
        .contains("_993._tcp.mail.example.org.", "_143._tcp.mail.example.org.");
  }

  @Test
  void aConfigurationWhoseHostnameNoCertificateIsForIsAProblem() throws Exception {
    configuration(server(b -> b), "imap.example.org");
    Said said = Said.by("cert", "show", "--config", folder.resolve("postern.yaml"));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out())
        .endsWith("problem: no certificate is for the hostname, imap.example.org\n");
  }

  @Test
  void aConfiguredCertificateThatCannotBeReadIsAProblem() throws Exception {
    configuration(server(b -> b), "mail.example.org");
    Files.delete(folder.resolve("key.pem"));
    Said said = Said.by("cert", "show", "--config", folder.resolve("postern.yaml"));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(lines(said.out(), "problem: ")).contains("key.pem");
  }

  private void configuration(X509Bundle server, String hostname) throws Exception {
    file(server, intermediate);
    Files.writeString(folder.resolve("key.pem"), server.getPrivateKeyPEM());
    Files.writeString(
        folder.resolve("postern.yaml"),
        """
        hostname: %s
        certificates: [{ name: main, chain: fullchain.pem, key: key.pem }]
        backends:
          imap: { profile: plain, addresses: ["127.0.0.1:143"] }
        """
            .formatted(hostname));
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "imap, '* OK hello|a OK begin'",
    "pop3, '+OK hello|+OK begin'",
    "smtp, '220-hi|220 hello|250-host|250 STARTTLS|220 begin'"
  })
  void aServerIsAskedWhatItShows(String startTls, String dialogue) throws Exception {
    X509Bundle server = server(b -> b.rsa2048());
    try (TlsServer running = TlsServer.start(server, dialogue)) {
      Said said =
          startTls.isEmpty()
              ? Said.by(
                  "cert",
                  "show",
                  "--connect",
                  "127.0.0.1:" + running.port(),
                  "--servername",
                  "mail.example.org")
              : Said.by(
                  "cert",
                  "show",
                  "--connect",
                  "127.0.0.1:" + running.port(),
                  "--servername",
                  "mail.example.org",
                  "--starttls",
                  startTls);
      assertThat(said.err()).isEmpty();
      assertThat(said.exit()).as(said.out()).isZero();
      assertThat(said.out())
          .contains(
              "key            RSA, bits: 2048\n",
              "issuer 1       CN=Intermediate\\, Inc, until ",
              "for mail.example.org yes\n",
              "_" + running.port() + "._tcp.mail.example.org. IN TLSA 3 1 1 ");
    }
  }

  @Test
  void aServerThatRefusesStartTlsIsQuotedHarmlessly() throws Exception {
    try (TlsServer running = TlsServer.start(server(b -> b), "* OK hello|a NO \u001b[2J")) {
      Said said =
          Said.by("cert", "show", "--connect", "127.0.0.1:" + running.port(), "--starttls", "imap");
      assertThat(said.exit()).isEqualTo(1);
      assertThat(said.err().lines())
          .singleElement()
          .asString()
          .contains("the server answers \"a NO \\u{1b}[2J\"", "--starttls");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mail.example.org", "mail.example.org:0", "::1:993", "mail:99999"})
  void connectNeedsHostAndPort(String where) {
    Said said = Said.by("cert", "show", "--connect", where);
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("mail.example.org:993, for instance");
  }

  @Test
  void somethingToLookAtIsNeeded() {
    Said said = Said.by("cert", "show");
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("FILE", "--config", "--connect");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
  void whatIsNoCertificateIsAFailure(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("fullchain.pem"), content);
    Said said = Said.by("cert", "show", file);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines()).singleElement().asString().contains(file.toString());
  }
}
