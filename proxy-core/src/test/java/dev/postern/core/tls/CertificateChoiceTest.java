package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("CCO-4.4")
class CertificateChoiceTest {
  private static final List<TlsVersion> BOTH = List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
  private static final List<Integer> RSA_SCHEMES = List.of(0x0804, 0x0401);
  private static final List<Integer> ALL_SCHEMES = List.of(0x0403, 0x0804, 0x0401);
  private static final List<Integer> ECDSA_SUITE = List.of(0x1301, 0xc02b, 0xc02f);
  private static final List<Integer> RSA_SUITE = List.of(0x1301, 0xc02f);
  private static final List<Integer> P256 = List.of(29, 23);

  private static final List<ServerCertificate> CERTIFICATES =
      List.of(
          TestCertificates.rsa("mail.example.org", "example.org"),
          TestCertificates.ecdsa("mail.example.org"),
          TestCertificates.ecdsa("*.example.org"),
          TestCertificates.rsa("imap.example.org"));

  @ParameterizedTest
  @CsvSource({
    "mail.example.org, 1",
    "imap.example.org, 3",
    "pop.example.org, 2",
    "a.pop.example.org, 1",
    "example.org, 0",
    "example.net, 1",
    "org, 1"
  })
  void byExactNameThenByWildcardOfOneLabelThenTheDefault(String name, int place) {
    assertThat(choice(false).choose(asking(name))).hasValue(place);
  }

  @Test
  void theDefaultServesWhoNamesNobody() {
    assertThat(choice(false).choose(asking(null))).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"mail.example.org, true", "x.example.org, true", "example.net, false", ", false"})
  void strictlyOnlyKnownNamesAreServed(String name, boolean served) {
    OptionalInt place = choice(true).choose(asking(name));
    assertThat(place.isPresent()).isEqualTo(served);
  }

  @Test
  void anEllipticCurveIsForThoseWhoCanVerifyIt() {
    assertThat(chosen(BOTH, ALL_SCHEMES, ECDSA_SUITE, P256)).hasValue(1);
    assertThat(chosen(BOTH, RSA_SCHEMES, ECDSA_SUITE, P256)).as("no scheme").hasValue(0);
    assertThat(chosen(BOTH, List.of(0x0503, 0x0804), ECDSA_SUITE, P256))
        .as("another curve's scheme, TLS 1.3")
        .hasValue(0);
    assertThat(chosen(BOTH, ALL_SCHEMES, RSA_SUITE, List.of(29)))
        .as("TLS 1.3 has the kind of key neither in suites nor in groups")
        .hasValue(1);
  }

  @Test
  void tls12AsksForSuiteAndCurveToo() {
    List<TlsVersion> tls12 = List.of(TlsVersion.TLS_1_2);
    assertThat(chosen(tls12, ALL_SCHEMES, ECDSA_SUITE, P256)).hasValue(1);
    assertThat(chosen(tls12, List.of(0x0503), ECDSA_SUITE, P256)).as("hash").hasValue(1);
    assertThat(chosen(tls12, ALL_SCHEMES, RSA_SUITE, P256)).as("suite").hasValue(0);
    assertThat(chosen(tls12, ALL_SCHEMES, List.of(0xc0ac), P256))
        .as("a suite that is not in the terms")
        .hasValue(0);
    assertThat(chosen(tls12, ALL_SCHEMES, ECDSA_SUITE, List.of(29))).as("curve").hasValue(0);
    assertThat(chosen(tls12, ALL_SCHEMES, ECDSA_SUITE, List.of())).as("any curve").hasValue(1);
    assertThat(chosen(tls12, List.of(), ECDSA_SUITE, P256)).as("silent on schemes").hasValue(0);
  }

  @Test
  void tls10HasNoSchemes() {
    List<TlsVersion> tls10 = List.of(TlsVersion.TLS_1_0);
    assertThat(chosen(tls10, List.of(), List.of(0xc009, 0x002f), P256)).hasValue(1);
    assertThat(chosen(tls10, List.of(), List.of(0x002f), P256)).hasValue(0);
    assertThat(chosen(tls10, List.of(), ECDSA_SUITE, P256)).as("a suite of TLS 1.2").hasValue(0);
  }

  @Test
  void aWildcardServesWhoCannotVerifyTheCertificateForTheName() {
    List<ServerCertificate> certificates =
        List.of(TestCertificates.ecdsa("mail.a.example"), TestCertificates.rsa("*.a.example"));
    CertificateChoice choice = new CertificateChoice(certificates, terms(false));
    assertThat(choice.choose(hello(BOTH, RSA_SCHEMES, RSA_SUITE, P256, "mail.a.example")))
        .hasValue(1);
    assertThat(choice.choose(hello(BOTH, ALL_SCHEMES, ECDSA_SUITE, P256, "mail.a.example")))
        .hasValue(0);
  }

  @Test
  void whoCanVerifyNothingIsShownTheFirst() {
    List<ServerCertificate> curvesOnly =
        List.of(TestCertificates.ecdsa("a.example"), TestCertificates.ecdsa("a.example"));
    CertificateChoice choice = new CertificateChoice(curvesOnly, terms(false));
    assertThat(choice.choose(hello(BOTH, RSA_SCHEMES, RSA_SUITE, P256, "a.example"))).hasValue(0);
  }

  private OptionalInt chosen(
      List<TlsVersion> versions,
      List<Integer> schemes,
      List<Integer> suites,
      List<Integer> groups) {
    return choice(false).choose(hello(versions, schemes, suites, groups, "mail.example.org"));
  }

  private CertificateChoice choice(boolean strict) {
    return new CertificateChoice(CERTIFICATES, terms(strict));
  }

  private static TlsTerms terms(boolean strict) {
    return new TlsTerms(
        List.of(TlsVersion.values()),
        List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        List.of(NamedGroup.values()),
        List.of(),
        strict,
        true,
        Optional.empty(),
        Duration.ofSeconds(30));
  }

  private static ClientHello asking(String name) {
    return hello(BOTH, ALL_SCHEMES, ECDSA_SUITE, P256, name);
  }

  private static ClientHello hello(
      List<TlsVersion> versions,
      List<Integer> schemes,
      List<Integer> suites,
      List<Integer> groups,
      String name) {
    return new ClientHello(
        versions, suites, schemes, groups, Optional.ofNullable(name), List.of(), false);
  }
}
