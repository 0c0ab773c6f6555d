package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.HandshakeRefusal.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes of every kind, with a client of the same engine. */
class HandshakeMatrixTest {
  private static final String NAME = "mail.example.org";
  private static final ServerCertificate RSA = TestCertificates.rsa(NAME);
  private static final ServerCertificate ECDSA = TestCertificates.ecdsa(NAME);
  private static final ServerCertificate OTHER = TestCertificates.ecdsa("other.example.org");
  private static final List<String> SUITES =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_128_CBC_SHA");
  private static final List<TlsVersion> MODERN = List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3);
  private static final TicketKeys TICKETS = TicketKeys.random(new SecureRandom());

  private final List<SslContext> clients = new ArrayList<>();

  @AfterEach
  void release() {
    clients.forEach(ReferenceCountUtil::release);
  }

  static Stream<Arguments> combinations() {
    return MODERN.stream()
        .flatMap(
            version ->
                Stream.of(RSA, ECDSA)
                    .flatMap(
                        certificate ->
                            Arrays.stream(NamedGroup.values())
                                .filter(
                                    group ->
                                        version == TlsVersion.TLS_1_3
                                            || group != NamedGroup.X25519MLKEM768)
                                .map(group -> Arguments.of(version, certificate, group))));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  @Tag("DEEP-9.2b")
  void factsAreRightForFullAndResumedHandshakes(
      TlsVersion version, ServerCertificate certificate, NamedGroup group) throws Exception {
    // The client's first share is another group's, so that TLS 1.3 needs a HelloRetryRequest for
    // all groups but two.
    ServerTls tls = tls(terms().groups(group).build(), certificate);
    SslContext client = client(List.of(version), SUITES, "imap");
    try {
      TlsFacts full = facts(tls, client);
      TlsFacts resumed = facts(tls, client);
      assertThat(full)
          .isEqualTo(
              new TlsFacts(
                  version,
                  version == TlsVersion.TLS_1_3
                      ? "TLS_AES_128_GCM_SHA256"
                      : certificate.equals(RSA)
                          ? "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
                          : "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                  Optional.of(group.label()),
                  Optional.of(NAME),
                  Optional.of("imap"),
                  false,
                  TlsMode.IMPLICIT));
      assertThat(resumed.resumed()).isTrue();
      assertThat(resumed)
          .isEqualTo(
              new TlsFacts(
                  full.version(),
                  full.cipherSuite(),
                  full.group(),
                  full.serverName(),
                  full.alpn(),
                  true,
                  TlsMode.IMPLICIT));
    } finally {
      tls.release();
    }
  }

  @Test
  @Tag("DEEP-9.2b")
  void keyExchangeByRsaHasNoGroup() throws Exception {
    ServerTls tls = tls(terms().build(), RSA);
    SslContext client =
        client(List.of(TlsVersion.TLS_1_2), List.of("TLS_RSA_WITH_AES_128_GCM_SHA256"));
    try {
      TlsFacts full = facts(tls, client);
      assertThat(full.group()).isEmpty();
      assertThat(full.alpn()).isEmpty();
      assertThat(full.cipherSuite()).isEqualTo("TLS_RSA_WITH_AES_128_GCM_SHA256");
      TlsFacts resumed = facts(tls, client);
      assertThat(resumed.resumed()).isTrue();
      assertThat(resumed.group()).isEmpty();
    } finally {
      tls.release();
    }
  }

  @ParameterizedTest
  @CsvSource({"TLS_1_0", "TLS_1_1"})
  @Tag("CCO-4.1d")
  void oldVersionsCompleteWhereTheyAreAllowed(TlsVersion version) throws Exception {
    ServerTls tls = tls(terms().versions(TlsVersion.values()).build(), RSA);
    try {
      TlsFacts facts = facts(tls, client(List.of(version), SUITES));
      assertThat(facts.version()).isEqualTo(version);
      assertThat(facts.cipherSuite()).isEqualTo("TLS_RSA_WITH_AES_128_CBC_SHA");
    } finally {
      tls.release();
    }
  }

  @ParameterizedTest
  @CsvSource({"TLS_1_0", "TLS_1_1"})
  @Tag("CCO-4.1d")
  void oldVersionsAreRefusedByAlertElsewhere(TlsVersion version) throws Exception {
    ServerTls tls = tls(terms().strict().build(), RSA);
    try (EmbeddedHandshake handshake =
        new EmbeddedHandshake(tls, handler(client(List.of(version), SUITES, "h2"), "no.example"))) {
      assertThat(handshake.failure().orElseThrow()).hasMessageContaining("UNSUPPORTED_PROTOCOL");
      assertThat(alert(handshake)).contains("PROTOCOL_VERSION");
    } finally {
      tls.release();
    }
  }

  @Test
  @Tag("CCO-4.4")
  void eachNameIsShownItsOwnCertificate() throws Exception {
    ServerTls tls = tls(terms().build(), RSA, ECDSA, OTHER);
    SslContext client = client(MODERN, SUITES);
    SslContext rsaOnly =
        client(
            List.of(TlsVersion.TLS_1_2), List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "imap");
    try {
      assertThat(shown(tls, client, NAME)).isEqualTo(certificate(ECDSA));
      assertThat(shown(tls, rsaOnly, NAME)).isEqualTo(certificate(RSA));
      assertThat(shown(tls, client, "other.example.org")).isEqualTo(certificate(OTHER));
      assertThat(shown(tls, client, "unknown.example.org")).isEqualTo(certificate(ECDSA));
    } finally {
      tls.release();
    }
  }

  @ParameterizedTest
  @MethodSource("modern")
  @Tag("CCO-4.4")
  void aSessionIsNotResumedUnderAnotherCertificate(TlsVersion version) throws Exception {
    ServerTls tls = tls(terms().build(), ECDSA);
    ServerTls other = tls(terms().build(), OTHER);
    ServerTls again = tls(terms().build(), ECDSA);
    SslContext client = client(List.of(version), SUITES);
    try {
      assertThat(facts(tls, client).resumed()).isFalse();
      assertThat(facts(again, client).resumed()).as("the same in another context").isTrue();
      assertThat(facts(other, client).resumed()).isFalse();
    } finally {
      tls.release();
      other.release();
      again.release();
    }
  }

  static List<TlsVersion> modern() {
    return MODERN;
  }

  @ParameterizedTest
  @MethodSource("modern")
  void nothingIsResumedWithoutTickets(TlsVersion version) throws Exception {
    ServerTls tls = tls(terms().withoutTickets().build(), ECDSA);
    SslContext client = client(List.of(version), SUITES);
    try {
      facts(tls, client);
      assertThat(facts(tls, client).resumed()).isFalse();
    } finally {
      tls.release();
    }
  }

  @ParameterizedTest
  @MethodSource("modern")
  @Tag("CCO-4.4")
  void foreignProtocolsAreRefusedByAlert(TlsVersion version) throws Exception {
    ServerTls tls = tls(terms().build(), ECDSA);
    SslContext client = client(List.of(version), SUITES, "h2", "http/1.1");
    try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, handler(client, NAME))) {
      assertThat(reason(handshake)).isEqualTo(Reason.NO_SHARED_ALPN);
      assertThat(alert(handshake)).contains("NO_APPLICATION_PROTOCOL");
    } finally {
      tls.release();
    }
  }

  @Test
  void oneOwnProtocolAmongForeignOnesIsAgreedOn() throws Exception {
    ServerTls tls = tls(terms().build(), ECDSA);
    try {
      assertThat(facts(tls, client(MODERN, SUITES, "h2", "imap")).alpn()).contains("imap");
    } finally {
      tls.release();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown.example.org", ""})
  @Tag("CCO-4.4")
  void strictlyUnknownAndMissingNamesAreRefusedByAlert(String name) throws Exception {
    ServerTls tls = tls(terms().strict().build(), ECDSA);
    try (EmbeddedHandshake handshake =
        new EmbeddedHandshake(tls, handler(client(MODERN, SUITES), name))) {
      assertThat(reason(handshake)).isEqualTo(Reason.UNKNOWN_SERVER_NAME);
      assertThat(alert(handshake)).contains(name.isEmpty() ? "reason(1109)" : "UNRECOGNIZED_NAME");
    } finally {
      tls.release();
    }
  }

  @Test
  void aStapleGoesToThoseWhoAskForIt() throws Exception {
    byte[] response = {1, 2, 3, 4};
    ServerTls tls =
        tls(terms().build(), TestCertificates.stapled(() -> Optional.of(response), NAME));
    SslContext asking = clientBuilder(MODERN, SUITES).enableOcsp(true).build();
    clients.add(asking);
    try {
      try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, handler(asking, NAME))) {
        assertThat(handshake.facts().version()).isEqualTo(TlsVersion.TLS_1_3);
        assertThat(
                ((ReferenceCountedOpenSslEngine) handshake.clientSide.engine()).getOcspResponse())
            .isEqualTo(response);
      }
      assertThat(facts(tls, client(MODERN, SUITES)).version()).isEqualTo(TlsVersion.TLS_1_3);
    } finally {
      tls.release();
    }
  }

  @Test
  void contextsLiveAsLongAsTheirLastReference() throws Exception {
    ServerTls tls = tls(terms().build(), ECDSA, OTHER);
    assertThat(tls.tryRetain()).isTrue();
    tls.release();
    assertThat(facts(tls, client(MODERN, SUITES)).resumed()).isFalse();
    tls.release();
    assertThat(tls.tryRetain()).isFalse();
  }

  @Test
  void aHelloInManyPiecesIsOneHello() throws Exception {
    HelloOctets foreign =
        HelloOctets.of(0x0303, 0x1301)
            .with(HelloOctets.Extension.versions(0x0304))
            .with(HelloOctets.Extension.alpn("h2"));
    for (int most : List.of(1, 3, 4, 5, 64, 16384)) {
      ByteBuf records = foreign.records(most);
      byte[] octets = ByteBufUtil.getBytes(records);
      for (int step : List.of(1, 2, 7, octets.length)) {
        assertThat(refusals(octets, step)).as("%s, %s", most, step).containsExactly("ALPN");
      }
      records.release();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1, HTTP",
    "OPTIONS * HTTP/1.0, HTTP",
    "PRI * HTTP/2.0, HTTP",
    "USER mallory, NOT_TLS",
    "a LOGIN x y, NOT_TLS",
    "GETTING, NOT_TLS"
  })
  void plainOctetsAreToldFromTls(String words, Reason reason) throws Exception {
    byte[] octets = (words + "\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(refusals(octets, octets.length)).containsExactly(reason.name());
    assertThat(refusals(octets, 1)).containsExactly(reason.name());
  }

  @Test
  void aHelloOfSsl2IsToldFromNoise() throws Exception {
    assertThat(refusals(new byte[] {(byte) 0x80, 0x2e, 1, 0, 2}, 1)).containsExactly("SSL_2");
    assertThat(refusals(new byte[] {(byte) 0x80, 0x2e, 7, 0, 2}, 1)).containsExactly("NOT_TLS");
  }

  @Test
  void handshakeRecordsWithoutAHelloAreRefused() throws Exception {
    assertThat(refusals(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0}, 9)).containsExactly("MALFORMED");
    assertThat(refusals(new byte[] {22, 3, 1, 0, 4, 1, 0, 0, 0}, 9)).containsExactly("MALFORMED");
    assertThat(refusals(new byte[] {22, 9, 1, 0, 4, 1, 0, 0, 0}, 9)).containsExactly("MALFORMED");
    assertThat(refusals(new byte[] {22, 3, 1, 0, 4, 1, 1, 0, 0}, 9)).as("too long").hasSize(1);
    assertThat(refusals(new byte[] {22, 3, 1, 0, 0, 22, 3, 1}, 8)).as("empty record").hasSize(1);
  }

  /** Feeds octets to the handler; returns why it refused, once for each time. */
  private static List<String> refusals(byte[] octets, int step) throws Exception {
    ServerTls tls = tls(terms().build(), ECDSA);
    List<String> heard = new ArrayList<>();
    EmbeddedChannel server =
        new EmbeddedChannel(
            tls.newHandler(),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SslHandshakeCompletionEvent done) {
                  heard.add(
                      done.cause() instanceof HandshakeRefusal refusal
                          ? refusal.reason().name().replace("NO_SHARED_", "")
                          : done.cause().getClass().getSimpleName());
                }
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // said by the event
              }
            });
    try {
      for (int at = 0; at < octets.length && server.isOpen(); at += step) {
        server.writeInbound(
            UnpooledByteBufAllocator.DEFAULT
                .buffer()
                .writeBytes(octets, at, Math.min(step, octets.length - at)));
      }
    } finally {
      server.finishAndReleaseAll();
      tls.release();
    }
    return heard;
  }

  // ---- clients and terms

  private static TlsFacts facts(ServerTls tls, SslContext client) {
    try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, handler(client, NAME))) {
      return handshake.facts();
    }
  }

  private static X509Certificate shown(ServerTls tls, SslContext client, String name)
      throws Exception {
    try (EmbeddedHandshake handshake = new EmbeddedHandshake(tls, handler(client, name))) {
      handshake.facts();
      return (X509Certificate) handshake.clientSide.engine().getSession().getPeerCertificates()[0];
    }
  }

  private static X509Certificate certificate(ServerCertificate of) {
    return of.material().chain().get(0);
  }

  private static Reason reason(EmbeddedHandshake handshake) {
    return ((HandshakeRefusal) handshake.failure().orElseThrow()).reason();
  }

  /** The alert that the client was told, in BoringSSL's words. */
  private static String alert(EmbeddedHandshake handshake) {
    return String.valueOf(handshake.clientSide.handshakeFuture().cause());
  }

  private static SslHandler handler(SslContext client, String name) {
    SslHandler handler =
        name.isEmpty()
            ? client.newHandler(UnpooledByteBufAllocator.DEFAULT)
            : client.newHandler(UnpooledByteBufAllocator.DEFAULT, name, 993);
    // Netty's clients ask for tickets of TLS 1.3 only
    SSL.clearOptions(
        ((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer(), SSL.SSL_OP_NO_TICKET);
    return handler;
  }

  private SslContext client(List<TlsVersion> versions, List<String> suites, String... alpn)
      throws Exception {
    SslContextBuilder builder = clientBuilder(versions, suites);
    if (alpn.length > 0) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              alpn));
    }
    SslContext context = builder.build();
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(true);
    clients.add(context);
    return context;
  }

  private static SslContextBuilder clientBuilder(List<TlsVersion> versions, List<String> suites) {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL_REFCNT)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .endpointIdentificationAlgorithm("")
        .protocols(versions.stream().map(TlsVersion::protocol).toList())
        .ciphers(Stream.concat(Stream.of("TLS_AES_128_GCM_SHA256"), suites.stream()).toList())
        .option(
            OpenSslContextOption.GROUPS,
            Arrays.stream(NamedGroup.values()).map(NamedGroup::engineName).toArray(String[]::new));
  }

  private static ServerTls tls(TlsTerms terms, ServerCertificate... certificates) throws Exception {
    return ServerTls.of(List.of(certificates), terms, TICKETS);
  }

  private static Terms terms() {
    return new Terms();
  }

  /** Terms, most of them usual. */
  private static final class Terms {
    private List<TlsVersion> versions = MODERN;
    private List<NamedGroup> groups = List.of(NamedGroup.values());
    private boolean strict;
    private boolean tickets = true;

    Terms versions(TlsVersion... these) {
      versions = List.of(these);
      return this;
    }

    Terms groups(NamedGroup... these) {
      groups = List.of(these);
      return this;
    }

    Terms strict() {
      strict = true;
      return this;
    }

    Terms withoutTickets() {
      tickets = false;
      return this;
    }

    TlsTerms build() {
      return new TlsTerms(
          versions,
          SUITES,
          groups,
          List.of("imap"),
          strict,
          tickets,
          Optional.empty(),
          Duration.ofSeconds(30));
    }
  }
}
