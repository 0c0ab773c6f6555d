package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTlsTest {

  @Test
  @Tag("DEEP-9.2b")
  void tellsWhichServerTheClientAskedFor() throws Exception {
    assertThat(factsOfAClientThatAsksFor("mail.example.org").serverName())
        .contains("mail.example.org");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail_x.example.org",
        "-mail.example.org",
        "mail example.org",
        "mail\"example.org",
        "mail\texample.org",
        "mail..example.org",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org"
      })
  void aServerNameThatIsNoHostNameIsNotToldAndDoesNoHarm(String name) throws Exception {
    TlsFacts facts = factsOfAClientThatAsksFor(name);
    assertThat(facts.serverName()).isEmpty();
    assertThat(facts.version()).isEqualTo(TlsVersion.TLS_1_3);
  }

  @Test
  void aServerNameThatIsTooLongForTheDnsIsNotTold() throws Exception {
    String longest = "a.".repeat(120) + "example.org";
    assertThat(factsOfAClientThatAsksFor(longest).serverName()).contains(longest);
    assertThat(factsOfAClientThatAsksFor("aaa." + longest).serverName()).isEmpty();
  }

  private static TlsFacts factsOfAClientThatAsksFor(String serverName) throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .ecp256()
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
                List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3),
                List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                List.of(NamedGroup.X25519MLKEM768, NamedGroup.X25519),
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
            .build();
    SslHandler clientSide = context.newHandler(UnpooledByteBufAllocator.DEFAULT);
    // Not through the handler's host name, which would be checked.
    SSL.setTlsExtHostName(
        ((ReferenceCountedOpenSslEngine) clientSide.engine()).sslPointer(), serverName);
    try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, clientSide)) {
      return handshake.facts();
    } finally {
      ReferenceCountUtil.release(context);
      tls.release();
    }
  }
}
