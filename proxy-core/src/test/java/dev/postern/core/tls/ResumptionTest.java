package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that come back, to the same proxy or to another replica of it. */
class ResumptionTest {
  @TempDir Path folder;
  private final List<ServerTls> servers = new ArrayList<>();
  private X509Bundle certificate;

  @BeforeEach
  void makeCertificate() throws Exception {
    certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=mail.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
  }

  @AfterEach
  void release() {
    servers.forEach(ServerTls::release);
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  @Tag("DEEP-9.2b")
  void resumesOnAnotherReplicaThatReadsTheSameKeys(TlsVersion version) throws Exception {
    writeKey("one", 1);
    ServerTls a = server(read("one"));
    ServerTls b = server(read("one"));
    SslContext client = client(version);
    assertThat(connect(client, a).resumed()).isFalse();
    TlsFacts facts = connect(client, b);
    assertThat(facts.resumed()).isTrue();
    assertThat(facts.version()).isEqualTo(version);
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void resumesWhileTheOldKeyIsKeptAndNoLonger(TlsVersion version) throws Exception {
    writeKey("old", 1);
    writeKey("new", 2);
    writeKey("newer", 3);
    SslContext client = client(version);
    assertThat(connect(client, server(read("old"))).resumed()).isFalse();
    assertThat(connect(client, server(read("new", "old"))).resumed()).isTrue();
    SslContext other = client(version);
    assertThat(connect(other, server(read("old"))).resumed()).isFalse();
    assertThat(connect(other, server(read("newer", "new"))).resumed()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void keysTakenIntoUseInARunningContextCountAtOnce(TlsVersion version) throws Exception {
    SecureRandom random = new SecureRandom();
    TicketKeys keys = TicketKeys.random(random);
    ServerTls server = server(keys);
    SslContext client = client(version);
    assertThat(connect(client, server).resumed()).isFalse();
    server.useTickets(keys.rotated(random));
    assertThat(connect(client, server).resumed()).isTrue();
    server.useTickets(TicketKeys.random(random));
    assertThat(connect(client, server).resumed()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void neverResumesWithoutKeys(TlsVersion version) throws Exception {
    ServerTls server = server(TicketKeys.NONE);
    SslContext client = client(version);
    assertThat(connect(client, server).resumed()).isFalse();
    assertThat(connect(client, server).resumed()).isFalse();
    // not even when the keys would be there
    ServerTls other = server(TicketKeys.random(new SecureRandom()));
    assertThat(connect(client, other).resumed()).isFalse();
  }

  @Test
  void aTicketOfStrangeKeysLeadsToAFullHandshake() throws Exception {
    SslContext client = client(TlsVersion.TLS_1_3);
    assertThat(connect(client, server(TicketKeys.random(new SecureRandom()))).resumed()).isFalse();
    assertThat(connect(client, server(TicketKeys.random(new SecureRandom()))).resumed()).isFalse();
  }

  private void writeKey(String name, int seed) throws Exception {
    byte[] octets = new byte[48];
    new Random(seed).nextBytes(octets);
    Files.write(folder.resolve(name), octets);
  }

  private TicketKeys read(String... names) {
    TicketKeyFiles.Result result =
        TicketKeyFiles.read(List.of(names).stream().map(folder::resolve).toList());
    return ((TicketKeyFiles.Result.Read) result).keys();
  }

  private ServerTls server(TicketKeys keys) throws Exception {
    ServerTls tls =
        ServerTls.of(
            List.of(
                new ServerCertificate(
                    "main",
                    List.of(),
                    new KeyMaterial(
                        List.of(certificate.getCertificate()),
                        certificate.getKeyPair().getPrivate()),
                    Staple.NONE)),
            new TlsTerms(
                List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3),
                List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                List.of(NamedGroup.X25519),
                List.of(),
                false,
                !keys.newestFirst().isEmpty(),
                Optional.empty(),
                Duration.ofSeconds(30)),
            keys);
    servers.add(tls);
    return tls;
  }

  /** The JDK's engine, which keeps sessions as mail programs do. */
  private static SslContext client(TlsVersion version) throws Exception {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .protocols(version.protocol())
        .endpointIdentificationAlgorithm(null)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .build();
  }

  private static TlsFacts connect(SslContext context, ServerTls tls) {
    SslHandler client =
        context.newHandler(UnpooledByteBufAllocator.DEFAULT, "mail.example.org", 993);
    try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, client)) {
      return handshake.facts();
    }
  }
}
