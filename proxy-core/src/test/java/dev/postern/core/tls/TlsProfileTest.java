package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TlsProfileTest {
  private static final String OF_DEEP = "TLS_RSA_WITH_AES_128_CBC_SHA";

  @Test
  @Tag("DEEP-9.1a")
  void offersTheSuiteOfDeepInLegacyAlone() {
    assertThat(TlsProfile.LEGACY.cipherSuites()).contains(OF_DEEP);
    assertThat(TlsProfile.INTERMEDIATE.cipherSuites()).doesNotContain(OF_DEEP);
    assertThat(TlsProfile.MODERN.cipherSuites()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void namesOnlyWhatTheNativeEngineHasAndPrefersForwardSecrecy(TlsProfile profile) {
    List<CipherSuite> suites =
        profile.cipherSuites().stream()
            .map(CipherSuite::ofName)
            .map(Optional::orElseThrow)
            .toList();
    assertThat(suites).allMatch(CipherSuite::isNative).doesNotHaveDuplicates();
    assertThat(suites).extracting(CipherSuite::lacksForwardSecrecy).isSorted();
    assertThat(suites).noneMatch(suite -> suite.isOf(TlsVersion.TLS_1_3));
  }

  @ParameterizedTest
  @Tag("DEEP-9.1a")
  @Tag("CCO-4.1d")
  @CsvSource({
    "LEGACY, TLS_1_0, TLS_RSA_WITH_AES_128_CBC_SHA, true",
    "LEGACY, TLS_1_1, TLS_RSA_WITH_AES_256_CBC_SHA, true",
    "LEGACY, TLS_1_2, TLS_RSA_WITH_AES_128_CBC_SHA, true",
    "LEGACY, TLS_1_2, TLS_RSA_WITH_AES_128_GCM_SHA256, true",
    "LEGACY, TLS_1_0, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, true",
    "LEGACY, TLS_1_2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true",
    "LEGACY, TLS_1_3, TLS_AES_128_GCM_SHA256, true",
    "INTERMEDIATE, TLS_1_0, TLS_RSA_WITH_AES_128_CBC_SHA, false",
    "INTERMEDIATE, TLS_1_1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, false",
    "INTERMEDIATE, TLS_1_2, TLS_RSA_WITH_AES_128_CBC_SHA, false",
    "INTERMEDIATE, TLS_1_2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true",
    "INTERMEDIATE, TLS_1_2, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, true",
    "INTERMEDIATE, TLS_1_3, TLS_AES_128_GCM_SHA256, true",
    "MODERN, TLS_1_2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, false",
    "MODERN, TLS_1_3, TLS_AES_128_GCM_SHA256, true",
  })
  void servesTheClientsItIsFor(TlsProfile profile, TlsVersion version, String suite, boolean served)
      throws Exception {
    Optional<TlsFacts> facts = handshake(profile, version, suite);
    assertThat(facts.isPresent()).isEqualTo(served);
    if (facts.isPresent()) {
      assertThat(facts.get().version()).isEqualTo(version);
      assertThat(facts.get().cipherSuite()).isEqualTo(suite);
    }
  }

  private static Optional<TlsFacts> handshake(TlsProfile profile, TlsVersion version, String suite)
      throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .rsa2048()
            .subject("CN=mail.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    ServerTls tls =
        ServerTls.of(
            List.of(
                new ServerCertificate(
                    "main",
                    List.of(),
                    new KeyMaterial(List.of(made.getCertificate()), made.getKeyPair().getPrivate()),
                    Staple.NONE)),
            new TlsTerms(
                Arrays.stream(TlsVersion.values())
                    .filter(v -> v.compareTo(profile.minimum()) >= 0)
                    .toList(),
                profile.cipherSuites(),
                List.of(NamedGroup.values()),
                List.of(),
                false,
                true,
                Optional.empty(),
                Duration.ofSeconds(30)),
            TicketKeys.random(new SecureRandom()));
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .protocols(version.protocol())
            .ciphers(List.of(suite))
            .build();
    try (EmbeddedHandshake handshake =
        new EmbeddedHandshake(tls, context.newHandler(UnpooledByteBufAllocator.DEFAULT))) {
      return handshake.failure().isPresent() ? Optional.empty() : Optional.of(handshake.facts());
    } finally {
      ReferenceCountUtil.release(context);
      tls.release();
    }
  }
}
