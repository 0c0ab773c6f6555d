package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CipherSuiteTest {

  @Test
  @Tag("CCO-4.3")
  void holdsTheWholeRegistryInItsOrder() {
    List<CipherSuite> suites = CipherSuite.registered();
    assertThat(suites)
        .hasSize(352)
        .isSortedAccordingTo((a, b) -> Integer.compare(a.code(), b.code()));
    assertThat(suites).extracting(CipherSuite::code).doesNotHaveDuplicates();
    assertThat(suites).extracting(CipherSuite::name).doesNotHaveDuplicates();
    assertThat(suites.stream().flatMap(suite -> suite.openSslName().stream()))
        .hasSize(155)
        .doesNotHaveDuplicates();
  }

  @Test
  @Tag("CCO-4.3")
  void namesEverySuiteAsTheTraceFieldAllows() {
    // tls-cipher-suite-name = ALPHA *(ALPHA / DIGIT / "_"), RFC 8314 §4.3
    assertThat(CipherSuite.registered())
        .allSatisfy(suite -> assertThat(suite.name()).matches("TLS_[A-Za-z0-9_]+"))
        .allSatisfy(suite -> assertThat(suite.code()).isBetween(0, 0xffff));
  }

  @ParameterizedTest
  @CsvSource({
    "0x0005, TLS_RSA_WITH_RC4_128_SHA,",
    "0x002F, TLS_RSA_WITH_AES_128_CBC_SHA, AES128-SHA",
    "0x0035, TLS_RSA_WITH_AES_256_CBC_SHA, AES256-SHA",
    "0x006D, TLS_DH_anon_WITH_AES_256_CBC_SHA256, ADH-AES256-SHA256",
    "0x00C5, TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256, ADH-CAMELLIA256-SHA256",
    "0x00FF, TLS_EMPTY_RENEGOTIATION_INFO_SCSV,",
    "0x1301, TLS_AES_128_GCM_SHA256,",
    "0x1307, TLS_AEGIS_128L_SHA256,",
    "0x5600, TLS_FALLBACK_SCSV,",
    "0xC013, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, ECDHE-RSA-AES128-SHA",
    "0xC02F, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256",
    "0xC09B, TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384, ECDHE-PSK-CAMELLIA256-SHA384",
    "0xC0B5, TLS_SHA384_SHA384,",
    "0xC106, TLS_GOSTR341112_256_WITH_MAGMA_MGM_S,",
    "0xCCA9, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ECDHE-ECDSA-CHACHA20-POLY1305",
    "0xD005, TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256,",
  })
  void findsASuiteByCodeAndByEitherName(String code, String name, String openSslName) {
    CipherSuite suite = CipherSuite.ofCode(Integer.decode(code)).orElseThrow();
    assertThat(suite.name()).isEqualTo(name);
    assertThat(suite.openSslName()).isEqualTo(Optional.ofNullable(openSslName));
    assertThat(CipherSuite.ofName(name)).contains(suite);
    assertThat(CipherSuite.ofName(name.toLowerCase(java.util.Locale.ROOT))).contains(suite);
    suite
        .openSslName()
        .ifPresent(other -> assertThat(CipherSuite.ofOpenSslName(other)).contains(suite));
  }

  @Test
  void knowsWhatIsNotAssigned() {
    for (int code : new int[] {0x001c, 0x0047, 0x0a0a, 0x1300, 0xc000, 0xd004, 0xfefe, 0xff00}) {
      assertThat(CipherSuite.ofCode(code)).as("%x", code).isEmpty();
    }
  }

  @Test
  void knowsExactlyWhatTheNativeEngineHas() {
    Set<String> registered = new TreeSet<>();
    CipherSuite.registered().stream()
        .filter(CipherSuite::isNative)
        .forEach(suite -> registered.add(suite.openSslName().orElse(suite.name())));
    // BoringSSL has a second name of its own for each suite of TLS 1.3.
    Set<String> engine = new TreeSet<>(OpenSsl.availableOpenSslCipherSuites());
    engine.removeIf(name -> name.startsWith("AEAD-"));
    assertThat(engine).isNotEmpty().isEqualTo(registered);
  }

  @ParameterizedTest
  @Tag("CCO-4.3")
  @CsvSource(
      delimiter = '|',
      value = {
        "TLS_AES_128_GCM_SHA256| TLS_AES_128_GCM_SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256| TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "SSL_RSA_WITH_3DES_EDE_CBC_SHA| TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "0xc02f| TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "0xC0,0x2F| TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "0xc0ff| 0xC0FF",
        "0x0a0a| 0x0A0A",
        "0xfe,0x0d| 0xFE0D",
        "TLS_MADE_UP| 0xFFFF",
        "a; b| 0xFFFF",
        "''| 0xFFFF",
      })
  void tracesANameOfTheRegistryOrFourDigits(String engineName, String traced) {
    assertThat(CipherSuite.traceName(engineName)).isEqualTo(traced);
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_RSA_WITH_AES_128_CBC_SHA, 1.0 1.1 1.2",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, 1.0 1.1 1.2",
    "TLS_RSA_WITH_RC4_128_MD5, 1.0 1.1 1.2",
    "TLS_RSA_WITH_AES_128_CBC_SHA256, 1.2",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, 1.2",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, 1.2",
    "TLS_RSA_WITH_AES_128_CCM_8, 1.2",
    "TLS_AES_256_GCM_SHA384, 1.3",
    "TLS_SHA256_SHA256, 1.3",
    "TLS_SM4_GCM_SM3, 1.3",
    "TLS_GOSTR341112_256_WITH_MAGMA_CTR_OMAC, 1.2",
    "TLS_GOSTR341112_256_WITH_MAGMA_MGM_L, 1.3",
    "TLS_FALLBACK_SCSV, ''",
  })
  void saysWhichVersionsMayChooseASuite(String name, String versions) {
    CipherSuite suite = CipherSuite.ofName(name).orElseThrow();
    StringBuilder found = new StringBuilder();
    for (TlsVersion version : TlsVersion.values()) {
      if (suite.isOf(version)) {
        found.append(' ').append(version.number());
      }
    }
    assertThat(found.toString().trim()).isEqualTo(versions);
  }
}
