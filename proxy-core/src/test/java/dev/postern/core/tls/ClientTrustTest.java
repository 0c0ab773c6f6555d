package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.tls.RefusedClientCertificate.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handshakes of the JDK's engine, as the client, with the engine that serves. */
class ClientTrustTest {
  @TempDir private Path folder;

  private final AtomicReference<Instant> clock = new AtomicReference<>(ClientPki.NOW);
  private final TicketKeys tickets = TicketKeys.random(new SecureRandom());
  private final List<ServerTls> servers = new ArrayList<>();
  private final List<SslContext> clients = new ArrayList<>();
  private X509Bundle shown;
  private X509Bundle authority;

  @BeforeEach
  void makeAuthorities() throws Exception {
    shown = ClientPki.authority("mail.example.org");
    authority = ClientPki.authority("Clients of Example");
  }

  @AfterEach
  void releaseContexts() {
    servers.forEach(ServerTls::release);
    clients.forEach(ReferenceCountUtil::release);
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  @Tag("CCO-4.2b")
  @Tag("DEEP-9.2b")
  void tellsWhoPresentedAGoodCertificate(TlsVersion version) throws Exception {
    X509Bundle alice =
        ClientPki.client("Alice, O=Example")
            .addSanRfc822Name("alice@example.org")
            .addSanDnsName("laptop.example.org")
            .buildIssuedBy(authority);

    TlsFacts facts = handshake(server(version, optional()), client(alice)).facts();

    assertThat(facts.version()).isEqualTo(version);
    ClientCertificate certificate = facts.clientCertificate().orElseThrow();
    assertThat(certificate.subject()).isEqualTo("CN=Alice,O=Example");
    assertThat(certificate.alternativeNames())
        .containsExactly("email:alice@example.org", "dns:laptop.example.org");
    assertThat(certificate.sha256()).isEqualTo(sha256(alice));
    assertThat(facts.identity()).contains("alice@example.org");
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void servesWhoHasNoneWhereNoneIsRequired(TlsVersion version) throws Exception {
    assertThat(handshake(server(version, optional()), anonymous()).facts().clientCertificate())
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void refusesWhoHasNoneWhereOneIsRequired(TlsVersion version) throws Exception {
    Handshake handshake = handshake(server(version, required()), anonymous());

    assertThat(handshake.failure()).isInstanceOf(SSLException.class);
    assertThat(handshake.failure()).hasMessageContaining("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }

  @Test
  @Tag("CCO-4.2a")
  void asksNobodyForACertificateUnlessConfiguredTo() throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    AskedKeyManager keys = new AskedKeyManager(alice);

    handshake(server(TlsVersion.TLS_1_3, Optional.empty()), client(keys)).facts();
    assertThat(keys.asked()).isFalse();

    handshake(server(TlsVersion.TLS_1_3, optional()), client(keys)).facts();
    assertThat(keys.asked()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void namesItsAuthoritiesWhenItAsks(TlsVersion version) throws Exception {
    AskedKeyManager keys = new AskedKeyManager(ClientPki.client("alice").buildIssuedBy(authority));

    handshake(server(version, optional()), client(keys)).facts();

    assertThat(keys.issuers())
        .containsExactly(authority.getCertificate().getSubjectX500Principal());
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void refusesACertificateThatDoesNotVerifyEvenWhereNoneIsRequired(TlsVersion version)
      throws Exception {
    X509Bundle stranger =
        ClientPki.client("alice").buildIssuedBy(ClientPki.authority("Somebody Else"));

    Handshake handshake = handshake(server(version, optional()), client(stranger));

    assertThat(handshake.refusal()).isEqualTo(Reason.UNKNOWN_AUTHORITY);
    assertThat(handshake.alert()).contains("unknown_ca");
  }

  @Test
  void refusesACertificateThatSignedItself() throws Exception {
    refuses(
        ClientPki.client("alice").setIsCertificateAuthority(true).buildSelfSigned(),
        Reason.UNKNOWN_AUTHORITY,
        "unknown_ca");
  }

  @Test
  void refusesACertificateOfAnotherAuthorityOfTheSameName() throws Exception {
    refuses(
        ClientPki.client("alice").buildIssuedBy(ClientPki.authority("Clients of Example")),
        Reason.INVALID,
        "bad_certificate");
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    refuses(
        ClientPki.client("alice")
            .notAfter(ClientPki.NOW.minus(Duration.ofHours(1)))
            .buildIssuedBy(authority),
        Reason.EXPIRED,
        "certificate_expired");
  }

  @Test
  void refusesACertificateThatIsNotValidYet() throws Exception {
    refuses(
        ClientPki.client("alice")
            .notBefore(ClientPki.NOW.plus(Duration.ofHours(1)))
            .buildIssuedBy(authority),
        Reason.NOT_YET_VALID,
        "certificate_expired");
  }

  @Test
  void refusesACertificateForServers() throws Exception {
    refuses(
        ClientPki.certificate("alice").addExtendedKeyUsageServerAuth().buildIssuedBy(authority),
        Reason.WRONG_USAGE,
        "unsupported_certificate");
  }

  @Test
  void refusesARevokedCertificate() throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    X509Bundle bob =
        ClientPki.client("bob").addSanRfc822Name("bob@example.org").buildIssuedBy(authority);
    Path list =
        ClientPki.pem(
            folder.resolve("revoked.pem"),
            ClientPki.revocations(authority, alice.getCertificate()));
    ServerTls server =
        server(TlsVersion.TLS_1_3, Optional.of(trust(List.of(list), false, authority)));

    Handshake refused = handshake(server, client(alice));
    assertThat(refused.refusal()).isEqualTo(Reason.REVOKED);
    assertThat(refused.alert()).contains("certificate_revoked");
    assertThat(handshake(server, client(bob)).facts().identity()).contains("bob@example.org");
  }

  @Test
  void refusesMoreIntermediatesThanAllowed() throws Exception {
    X509Bundle one = ClientPki.intermediate("One", authority);
    X509Bundle two = ClientPki.intermediate("Two", one);
    X509Bundle three = ClientPki.intermediate("Three", two);
    ServerTls server = server(TlsVersion.TLS_1_3, optional());

    assertThat(
            handshake(server, client(ClientPki.client("a").buildIssuedBy(two)))
                .facts()
                .clientCertificate())
        .isPresent();
    Handshake refused = handshake(server, client(ClientPki.client("a").buildIssuedBy(three)));
    assertThat(refused.refusal()).isEqualTo(Reason.TOO_DEEP);
    assertThat(refused.alert()).contains("unknown_ca");
  }

  @Test
  void keepsToAnAuthorityThatForbidsIntermediates() throws Exception {
    X509Bundle strict =
        ClientPki.certificate("Strict")
            .setIsCertificateAuthority(true)
            .setPathLengthConstraint(OptionalInt.of(0))
            .buildSelfSigned();
    ServerTls server = server(TlsVersion.TLS_1_3, Optional.of(trust(List.of(), false, strict)));
    X509Bundle between = ClientPki.intermediate("Between", strict);

    assertThat(
            handshake(server, client(ClientPki.client("a").buildIssuedBy(strict)))
                .facts()
                .clientCertificate())
        .isPresent();
    assertThat(handshake(server, client(ClientPki.client("a").buildIssuedBy(between))).refusal())
        .isEqualTo(Reason.INVALID);
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aResumedSessionKeepsItsCertificate(TlsVersion version) throws Exception {
    X509Bundle alice =
        ClientPki.client("alice").addSanRfc822Name("alice@example.org").buildIssuedBy(authority);
    ServerTls server = server(version, required());
    SslContext client = client(alice);

    TlsFacts first = handshake(server, client).facts();
    TlsFacts second = handshake(server, client).facts();

    assertThat(first.resumed()).isFalse();
    assertThat(second.resumed()).isTrue();
    assertThat(second.clientCertificate()).isPresent().isEqualTo(first.clientCertificate());
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aSessionIsResumedAtAnotherServerThatTrustsTheSame(TlsVersion version) throws Exception {
    X509Bundle alice =
        ClientPki.client("alice").addSanRfc822Name("alice@example.org").buildIssuedBy(authority);
    SslContext client = client(alice);

    handshake(server(version, optional()), client).facts();
    TlsFacts second = handshake(server(version, optional()), client).facts();

    assertThat(second.resumed()).isTrue();
    assertThat(second.identity()).contains("alice@example.org");
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aSessionWhoseCertificateHasExpiredSinceIsRefused(TlsVersion version) throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    ServerTls server = server(version, optional());
    SslContext client = client(alice);
    handshake(server, client).facts();

    clock.set(ClientPki.NOW.plus(Duration.ofDays(2)));
    Handshake second = handshake(server, client);

    assertThatThrownBy(second::facts)
        .isInstanceOf(SSLPeerUnverifiedException.class)
        .cause()
        .isInstanceOfSatisfying(
            RefusedClientCertificate.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.EXPIRED));
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aSessionWhoseCertificateIsRevokedSinceIsNotResumed(TlsVersion version) throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    Path list = folder.resolve("revoked.pem");
    SslContext client = client(alice);
    ClientPki.pem(list, ClientPki.revocations(authority));
    handshake(server(version, Optional.of(trust(List.of(list), false, authority))), client).facts();

    ClientPki.pem(list, ClientPki.revocations(authority, alice.getCertificate()));
    Handshake second =
        handshake(server(version, Optional.of(trust(List.of(list), false, authority))), client);

    assertThat(second.refusal()).isEqualTo(Reason.REVOKED);
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aTicketFromWhereNoCertificateIsAskedForDoesNotReplaceOne(TlsVersion version)
      throws Exception {
    ServerTls open = server(version, Optional.empty());
    ServerTls closed = server(version, required());
    SslContext client = anonymous();
    handshake(open, client).facts();
    assertThat(handshake(open, client).facts().resumed()).isTrue();

    assertThat(handshake(closed, client).failure()).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aTicketFromWhereNoneIsRequiredDoesNotReplaceACertificate(TlsVersion version)
      throws Exception {
    SslContext client = anonymous();
    handshake(server(version, optional()), client).facts();

    assertThat(handshake(server(version, required()), client).failure()).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aTicketWithACertificateIsNotResumedWhereNoneIsAskedFor(TlsVersion version) throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    SslContext client = client(alice);
    handshake(server(version, optional()), client).facts();

    TlsFacts elsewhere = handshake(server(version, Optional.empty()), client).facts();

    assertThat(elsewhere.resumed()).isFalse();
    assertThat(elsewhere.clientCertificate()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
  void aTicketOfOtherAuthoritiesIsNotResumed(TlsVersion version) throws Exception {
    X509Bundle alice = ClientPki.client("alice").buildIssuedBy(authority);
    SslContext client = client(alice);
    handshake(server(version, optional()), client).facts();

    X509Bundle other = ClientPki.authority("Other");
    Handshake elsewhere =
        handshake(server(version, Optional.of(trust(List.of(), false, other, authority))), client);

    assertThat(elsewhere.facts().resumed()).isFalse();
  }

  // ---- the parties

  private void refuses(X509Bundle certificate, Reason reason, String alert) throws Exception {
    Handshake handshake = handshake(server(TlsVersion.TLS_1_3, optional()), client(certificate));
    assertThat(handshake.refusal()).isEqualTo(reason);
    assertThat(handshake.alert()).contains(alert);
  }

  private Optional<ClientTrust> optional() throws Exception {
    return Optional.of(trust(List.of(), false, authority));
  }

  private Optional<ClientTrust> required() throws Exception {
    return Optional.of(trust(List.of(), true, authority));
  }

  private ClientTrust trust(List<Path> revocations, boolean required, X509Bundle... authorities)
      throws Exception {
    Object[] certificates = Arrays.stream(authorities).map(X509Bundle::getCertificate).toArray();
    Path bundle = ClientPki.pem(folder.resolve("authorities.pem"), certificates);
    ClientTrust.Loaded loaded =
        ClientTrust.load(
            bundle, 2, revocations, List.of(new IdentityMapping.Email()), required, clock::get);
    assertThat(loaded).isInstanceOf(ClientTrust.Loaded.Usable.class);
    return ((ClientTrust.Loaded.Usable) loaded).trust();
  }

  private ServerTls server(TlsVersion version, Optional<ClientTrust> trust) throws Exception {
    ServerTls tls =
        ServerTls.of(
            List.of(
                new ServerCertificate(
                    "main",
                    List.of(),
                    new KeyMaterial(
                        List.of(shown.getCertificate()), shown.getKeyPair().getPrivate()),
                    Staple.NONE)),
            new TlsTerms(
                List.of(version),
                List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                List.of(NamedGroup.X25519),
                List.of(),
                false,
                true,
                trust,
                Duration.ofSeconds(30)),
            tickets);
    servers.add(tls);
    return tls;
  }

  private SslContext anonymous() throws Exception {
    return client(SslContextBuilder.forClient());
  }

  private SslContext client(X509Bundle certificate) throws Exception {
    return client(new AskedKeyManager(certificate));
  }

  private SslContext client(AskedKeyManager keys) throws Exception {
    return client(SslContextBuilder.forClient().keyManager(keys));
  }

  private SslContext client(SslContextBuilder builder) throws Exception {
    SslContext context =
        builder
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.2", "TLSv1.3")
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    clients.add(context);
    return context;
  }

  private static String sha256(X509Bundle bundle) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(bundle.getCertificate().getEncoded()));
  }

  // ---- the handshake

  /**
   * How a handshake went.
   *
   * @param known what the server knows of it; null when it failed
   * @param unverified why what was resumed is not good any more
   * @param failure why the server broke it off
   * @param told what the client was told
   */
  private record Handshake(
      @Nullable TlsFacts known,
      @Nullable SSLPeerUnverifiedException unverified,
      @Nullable Throwable failure,
      @Nullable Throwable told) {

    TlsFacts facts() throws SSLPeerUnverifiedException {
      if (unverified != null) {
        throw unverified;
      }
      assertThat(failure).isNull();
      return Objects.requireNonNull(known);
    }

    Reason refusal() {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof RefusedClientCertificate refused) {
          return refused.reason();
        }
      }
      throw new AssertionError("no certificate was refused", failure);
    }

    String alert() {
      return String.valueOf(told);
    }
  }

  /** To one and the same host, so that the client offers each server what it has from others. */
  private static Handshake handshake(ServerTls tls, SslContext context) {
    AtomicReference<ClientHello> hello = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    EmbeddedChannel server =
        new EmbeddedChannel(
            tls.newHandler(),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof ClientHello heard) {
                  hello.set(heard);
                } else if (event instanceof SslHandshakeCompletionEvent done) {
                  failure.set(done.cause());
                }
              }
            });
    EmbeddedChannel client =
        new EmbeddedChannel(
            context.newHandler(UnpooledByteBufAllocator.DEFAULT, "mail.example.org", 993));
    try {
      Throwable told = exchange(client, server);
      if (failure.get() != null) {
        return new Handshake(null, null, failure.get(), told);
      }
      // tickets of TLS 1.3 go out with the first octets behind the handshake
      server.writeOutbound(Unpooled.copiedBuffer("* OK", US_ASCII));
      assertThat(exchange(client, server)).isNull();
      SslHandler serverSide = server.pipeline().get(SslHandler.class);
      return new Handshake(tls.facts(serverSide, hello.get(), TlsMode.IMPLICIT), null, null, null);
    } catch (SSLPeerUnverifiedException e) {
      return new Handshake(null, e, null, null);
    } finally {
      close(client);
      close(server);
    }
  }

  /** Carries octets until neither has anything to say; returns what the client fails with. */
  private static @Nullable Throwable exchange(EmbeddedChannel client, EmbeddedChannel server) {
    Throwable told = null;
    boolean busy = true;
    while (busy) {
      try {
        busy = carry(client, server);
      } catch (DecoderException refused) {
        // told by the event
        busy = true;
      }
      try {
        busy |= carry(server, client);
      } catch (DecoderException e) {
        told = e.getCause();
        busy = true;
      }
    }
    return told;
  }

  private static void close(EmbeddedChannel channel) {
    try {
      channel.finishAndReleaseAll();
    } catch (RuntimeException alreadyBroken) {
      channel.releaseInbound();
      channel.releaseOutbound();
    }
  }

  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
    ByteBuf octets = from.readOutbound();
    if (octets == null) {
      return false;
    }
    if (!to.isOpen()) {
      octets.release();
      return true;
    }
    to.writeInbound(octets);
    return true;
  }
}
