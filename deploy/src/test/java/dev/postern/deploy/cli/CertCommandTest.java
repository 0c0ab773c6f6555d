package dev.postern.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.CertificateReader;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.deploy.certificate.KeyAlgorithm;
import dev.postern.deploy.certificate.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertCommandTest {
  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  private Path configuration() throws Exception {
    return Files.writeString(
        file("postern.yaml"),
        """
        hostname: mail.example.org
        certificates: [{ name: main, chain: chain.pem, key: key.pem }]
        backends:
          imap: { profile: plain, addresses: ["127.0.0.1:143"] }
        """);
  }

  private static String rights(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static KeyMaterial pair(Path in) throws Exception {
    return CertificateReader.read(
        new CertificateFiles.Pem(in.resolve("chain.pem"), in.resolve("key.pem"), Optional.empty()));
  }

  private String openssl(String... words) throws Exception {
    return Openssl.succeeds(words);
  }

  @Test
  void aMissingCommandNamesThoseThereAre() {
    Said said = Said.by("cert");
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("dev, csr or show");
  }

  @ParameterizedTest
  @EnumSource(KeyAlgorithm.class)
  void devMakesACertificateThatOpensslTrustsUnderItsAuthority(KeyAlgorithm algorithm)
      throws Exception {
    Said said =
        Said.by(
            "cert",
            "dev",
            "--hostname",
            "Mail.Example.org",
            "--hostname",
            "*.example.net",
            "--algorithm",
            algorithm.name().toLowerCase(Locale.ROOT),
            "--days",
            "30",
            "--out",
            file("tls"));
    assertThat(said.err()).isEmpty();
    assertThat(said.exit()).isZero();
    for (String name : List.of("mail.example.org", "www.example.net", "localhost")) {
      openssl(
          "verify",
          "-x509_strict",
          "-purpose",
          "sslserver",
          "-verify_hostname",
          name,
          "-CAfile",
          file("tls/ca.pem").toString(),
          file("tls/chain.pem").toString());
    }
    KeyMaterial made = pair(file("tls"));
    assertThat(made.key() instanceof RSAKey).isEqualTo(algorithm == KeyAlgorithm.RSA);
    assertThat(
            Duration.between(
                    made.chain().get(0).getNotBefore().toInstant(),
                    made.chain().get(0).getNotAfter().toInstant())
                .toDays())
        .isEqualTo(30);
  }

  @Test
  void devKeepsTheKeyFromOthersAndNothingElse() throws Exception {
    assertThat(Said.by("cert", "dev", "--out", folder).exit()).isZero();
    assertThat(rights(file("key.pem"))).isEqualTo("rw-------");
    assertThat(rights(file("chain.pem"))).isEqualTo("rw-r--r--");
    assertThat(rights(file("ca.pem"))).isEqualTo("rw-r--r--");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void devSaysWhatToWriteIntoTheConfigurationAndPosternTakesIt() throws Exception {
    Path odd = Files.createDirectory(file("it's here"));
    Said said = Said.by("cert", "dev", "--hostname", "mail.example.org", "--out", odd);
    assertThat(said.out())
        .contains("openssl s_client", "-verify_hostname mail.example.org", "curl ");
    String certificates =
        said.out()
            .lines()
            .dropWhile(line -> !line.contains("certificates:"))
            .takeWhile(line -> !line.isEmpty())
            .map(line -> line.substring(4) + "\n")
            .reduce("", String::concat);
    Path file =
        Files.writeString(
            file("postern.yaml"),
            "hostname: mail.example.org\n"
                + certificates
                + "backends: { imap: { profile: plain, addresses: [\"127.0.0.1:143\"] } }\n");
    Said checked = Said.by("check-config", file);
    assertThat(checked.out()).endsWith("warnings: 0\n");
    assertThat(checked.exit()).isZero();
  }

  @Test
  void devTakesItsNamesFromTheConfiguration() throws Exception {
    Said said = Said.by("cert", "dev", "--config", configuration(), "--out", folder);
    assertThat(said.exit()).isZero();
    assertThat(
            openssl(
                "x509", "-in", file("chain.pem").toString(), "-noout", "-ext", "subjectAltName"))
        .contains("DNS:mail.example.org, DNS:localhost, IP Address:127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain.pem", "key.pem", "ca.pem"})
  void devReplacesNothingUnlessToldTo(String name) throws Exception {
    Files.writeString(file(name), "precious");
    Said refused = Said.by("cert", "dev", "--out", folder);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains(file(name) + " is there already", "--out", "--force");
    assertThat(file(name)).hasContent("precious");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
    assertThat(Said.by("cert", "dev", "--force", "--out", folder).exit()).isZero();
    assertThat(pair(folder).chain()).hasSize(1);
  }

  @Test
  void devSaysWhichFolderItCannotUse() throws Exception {
    Path taken = Files.writeString(file("taken"), "");
    Said said = Said.by("cert", "dev", "--out", taken);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines()).singleElement().asString().contains(taken.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--days=0",
        "--days=826",
        "--algorithm=dsa",
        "--hostname=-a",
        "--hostname=10.0.0.1"
      })
  void devRefusesWhatNoProgramWouldTake(String option) {
    Said said = Said.by("cert", "dev", option, "--out", folder);
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains(option.substring(0, option.indexOf('=')));
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @EnumSource(KeyAlgorithm.class)
  void csrAsksForHostsDomainsAndServicesAndOpensslVerifiesIt(KeyAlgorithm algorithm)
      throws Exception {
    Said said =
        Said.by(
            "cert",
            "csr",
            "--hostname",
            "mail.example.org",
            "--domain",
            "example.org",
            "--domain",
            "example.net",
            "--algorithm",
            algorithm.name(),
            "--out",
            folder);
    assertThat(said.err()).isEmpty();
    assertThat(said.exit()).isZero();
    String text =
        openssl("req", "-in", file("request.pem").toString(), "-noout", "-verify", "-text");
    assertThat(text)
        .contains(
            "verify OK",
            "CN = mail.example.org",
            "DNS:mail.example.org, DNS:example.org, DNS:example.net",
            algorithm == KeyAlgorithm.RSA ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256")
        .doesNotContain("challengePassword");
    String der = openssl("asn1parse", "-in", file("request.pem").toString(), "-strparse", san());
    for (String domain : List.of("example.org", "example.net")) {
      for (String service :
          List.of("imap", "imaps", "pop3", "pop3s", "submission", "submissions")) {
        assertThat(der).containsPattern("IA5STRING +:_" + service + "\\." + domain + "\\R");
        assertThat(said.out()).contains("SRV-ID _" + service + "." + domain + "\n");
      }
    }
    assertThat(der.split("OBJECT +:(?:SRVName|1\\.3\\.6\\.1\\.5\\.5\\.7\\.8\\.7)\\R", -1))
        .hasSize(13);
    assertThat(rights(file("key.pem"))).isEqualTo("rw-------");
    assertThat(openssl("pkey", "-in", file("key.pem").toString(), "-pubout"))
        .isEqualTo(openssl("req", "-in", file("request.pem").toString(), "-noout", "-pubkey"));
  }

  /** Where the value of the subject alternative names begins in the request. */
  private String san() throws Exception {
    List<String> lines =
        openssl("asn1parse", "-in", file("request.pem").toString()).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("X509v3 Subject Alternative Name")) {
        return lines.get(i + 1).strip().split(":")[0];
      }
    }
    throw new AssertionError("no subject alternative names");
  }

  @Test
  void csrTakesNamesAndServicesFromAConfigurationWhoseCertificateIsNotThereYet() throws Exception {
    Said said =
        Said.by(
            "cert", "csr", "--config", configuration(), "--domain", "example.org", "--out", folder);
    assertThat(said.exit()).isZero();
    assertThat(said.out().lines().filter(line -> line.startsWith("    ") && line.contains("-ID ")))
        .containsExactly(
            "    DNS-ID mail.example.org",
            "    DNS-ID example.org",
            "    SRV-ID _imaps.example.org",
            "    SRV-ID _imap.example.org");
  }

  @Test
  void csrLeavesSrvIdsOutForAuthoritiesThatRefuseThem() throws Exception {
    Said said =
        Said.by(
            "cert",
            "csr",
            "--hostname",
            "mail.example.org",
            "--domain",
            "example.org",
            "--srv-ids=no",
            "--out",
            folder);
    assertThat(said.exit()).isZero();
    assertThat(openssl("req", "-in", file("request.pem").toString(), "-noout", "-text"))
        .contains("DNS:mail.example.org, DNS:example.org\n")
        .doesNotContain("othername");
  }

  @Test
  void csrAsksForNamedServicesOnly() {
    Said said =
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
            folder);
    assertThat(said.out()).contains("SRV-ID _imaps.example.org").doesNotContain("_imap.");
  }

  @ParameterizedTest
  @CsvSource({
    "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048, sha256WithRSAEncryption",
    "genrsa -traditional 2048, sha256WithRSAEncryption",
    "ecparam -name secp384r1 -genkey -noout, ecdsa-with-SHA256",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256, ecdsa-with-SHA256"
  })
  void csrUsesAKeyThatIsThere(String how, String signature) throws Exception {
    Path key = file("mine.pem");
    Files.writeString(key, openssl(how.split(" ")));
    Said said =
        Said.by("cert", "csr", "--hostname", "mail.example.org", "--key", key, "--out", folder);
    assertThat(said.err()).isEmpty();
    assertThat(said.exit()).isZero();
    assertThat(file("key.pem")).doesNotExist();
    assertThat(openssl("req", "-in", file("request.pem").toString(), "-noout", "-verify", "-text"))
        .contains("verify OK", signature);
    assertThat(openssl("req", "-in", file("request.pem").toString(), "-noout", "-pubkey"))
        .isEqualTo(openssl("pkey", "-in", key.toString(), "-pubout"));
  }

  @Test
  void csrUsesAKeyThatIsEncrypted() throws Exception {
    Path password = Files.writeString(file("password"), "secret\n");
    Path key = file("mine.pem");
    openssl(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-aes256",
        "-pass",
        "file:" + password,
        "-out",
        key.toString());
    Object[] command = {
      "cert", "csr", "--hostname", "mail.example.org", "--key", key, "--out", folder
    };
    assertThat(Said.by(command).err()).contains(key + " is encrypted");
    Object[] withPassword = Arrays.copyOf(command, command.length + 2);
    withPassword[command.length] = "--key-password-file";
    withPassword[command.length + 1] = password;
    assertThat(Said.by(withPassword).exit()).isZero();
    assertThat(openssl("req", "-in", file("request.pem").toString(), "-noout", "-verify"))
        .contains("verify OK");
  }

  @Test
  void csrWithoutCommonNameWhereTheNameIsTooLongForOne() throws Exception {
    String name = "a".repeat(60) + ".example.org";
    assertThat(Said.by("cert", "csr", "--hostname", name, "--out", folder).exit()).isZero();
    assertThat(openssl("req", "-in", file("request.pem").toString(), "-noout", "-verify", "-text"))
        .contains("verify OK", "Subject: \n", "DNS:" + name);
  }

  @Test
  void csrRefusesAKeyThatMailServersDoNotUse() throws Exception {
    Path key = file("ed.pem");
    Files.writeString(
        key,
        Pem.encode(
            "PRIVATE KEY",
            KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded()));
    Said said =
        Said.by("cert", "csr", "--hostname", "mail.example.org", "--key", key, "--out", folder);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines()).singleElement().asString().contains("--key", "RSA or ECDSA");
  }

  @Test
  void csrNeverReplacesAKey() throws Exception {
    Files.writeString(file("key.pem"), "precious");
    Said said =
        Said.by("cert", "csr", "--hostname", "mail.example.org", "--force", "--out", folder);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err()).contains(file("key.pem") + " is there already", "--key");
    assertThat(file("key.pem")).hasContent("precious");
  }

  @Test
  void csrReplacesARequestOnlyWhenToldTo() throws Exception {
    Object[] again = {
      "cert", "csr", "--hostname", "mail.example.org", "--key", file("key.pem"), "--out", folder
    };
    assertThat(Said.by("cert", "csr", "--hostname", "mail.example.org", "--out", folder).exit())
        .isZero();
    assertThat(Said.by(again).err()).contains("request.pem is there already", "--force");
    Object[] forced = Arrays.copyOf(again, again.length + 1);
    forced[again.length] = "--force";
    assertThat(Said.by(forced).exit()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "'', --hostname or --config",
    "--hostname=münchen.example, xn--",
    "--hostname=mail.example.org --domain=*.example.org, leave the wildcard out",
    "--hostname=mail.example.org --service=smtp, 'imap, imaps, pop3, pop3s, submission, submissions'",
    "--hostname=a..b, is not a host name"
  })
  void csrSaysWhatIsWrongWithNames(String options, String message) {
    Object[] words =
        Stream.concat(
                Stream.of("cert", "csr", "--out", folder),
                Arrays.stream(options.split(" ")).filter(o -> !o.isEmpty()))
            .toArray();
    Said said = Said.by(words);
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains(message);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "--connect=mail.example.org:993 --servername=*.example.org, not for '*.example.org'",
    "--connect=*.example.org:993, not for '*.example.org'",
    "--connect=mail.example.org, is not host and port"
  })
  void showSaysWhatIsWrongWithWhomToAsk(String options, String message) {
    Object[] words =
        Stream.concat(Stream.of("cert", "show"), Arrays.stream(options.split(" "))).toArray();
    Said said = Said.by(words);
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains(message).doesNotContain("defect");
  }

  @Test
  void namesAllMistakesOfTheConfiguration() throws Exception {
    Path file = Files.writeString(file("postern.yaml"), "hostnme: a\nbackend: {}\n");
    Said said = Said.by("cert", "csr", "--config", file, "--out", folder);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines())
        .hasSizeGreaterThan(1)
        .allSatisfy(line -> assertThat(line).startsWith("postern: " + file + ":"));
  }
}
