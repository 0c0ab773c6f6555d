package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.CertificateFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificatesReaderTest {

  @Test
  @Tag("CCO-4.4")
  void readsPemFilesWhenEverythingIsSaid() {
    assertThat(
            certificates(
                "{ name: a, names: [Mail.example.org, \"*.example.org\"], chain: c, key: k,"
                    + " key-password-file: p, ocsp: fetch }"))
        .containsExactly(
            new CertificateSettings(
                "a",
                List.of("mail.example.org", "*.example.org"),
                new CertificateFiles.Pem(in("c"), in("k"), Optional.of(in("p"))),
                new StaplingSettings.Fetched()));
  }

  @Test
  @Tag("CCO-4.4")
  void readsAPkcs12File() {
    assertThat(
            certificates(
                "{ name: a, pkcs12: s, password-file: p, ocsp: r.der }, { name: b, pkcs12: t, ocsp: off }"))
        .containsExactly(
            new CertificateSettings(
                "a",
                List.of(),
                new CertificateFiles.Pkcs12(in("s"), Optional.of(in("p"))),
                new StaplingSettings.File(in("r.der"))),
            new CertificateSettings(
                "b",
                List.of(),
                new CertificateFiles.Pkcs12(in("t"), Optional.empty()),
                new StaplingSettings.Off()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "chain: c| key: missing (for instance key: /etc/postern/tls/privkey.pem)",
        "key: k| chain: missing (for instance chain: /etc/postern/tls/fullchain.pem)",
        "pkcs12: s, chain: c| chain: the certificate and its key are in pkcs12 already (either chain and key, or pkcs12)",
        "pkcs12: s, key: k| key: the certificate and its key are in pkcs12 already",
        "pkcs12: s, key-password-file: p| key-password-file: the certificate and its key are in pkcs12"
            + " already (password-file for the password of pkcs12)",
        "chain: c, key: k, password-file: p| password-file: the password of a PKCS#12 file, and none is named",
        "chain: c, key: k, names: [a_b]| names[0]: \"a_b\" is not a name that clients ask for",
        "chain: c, key: k, names: [\"*.*.example.org\"]| names[0]: \"*.*.example.org\" is not a name",
        "chain: c, key: k, names: [\"*\"]| names[0]: \"*\" is not a name",
      })
  void refusesWhatIsNeitherTheOneFormNorTheOther(String certificate, String problem) {
    assertThat(Reading.errorsOf(yaml("{ name: a, " + certificate + " }")))
        .singleElement()
        .asString()
        .contains("certificates[0]." + problem);
  }

  private static List<CertificateSettings> certificates(String certificates) {
    return Reading.valid(yaml(certificates)).configuration().certificates();
  }

  private static String yaml(String certificates) {
    return """
    hostname: mail.example.org
    backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
    certificates: [ %s ]
    """
        .formatted(certificates);
  }

  private static Path in(String name) {
    return Path.of("/etc/postern").resolve(name);
  }
}
