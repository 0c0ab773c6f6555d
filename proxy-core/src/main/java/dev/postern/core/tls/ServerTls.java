package dev.postern.core.tls;

import dev.postern.core.tls.TicketKeys.Ticket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.internal.tcnative.SSL;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS of one set of listeners: certificates, versions, suites, and the keys of session tickets.
 * Reference-counted: the configuration holds one reference, each session that may still begin a
 * handshake another, and native memory is given back with the last.
 */
public final class ServerTls {
  /** Which of these a client gets cannot be restricted: the native engine offers all of them. */
  private static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /**
   * One certificate, ready to be shown.
   *
   * @param context has this certificate only
   * @param staple the OCSP response that goes with it
   */
  private record Shown(SslContext context, Staple staple) {}

  private final List<Shown> shown;
  private final HelloTerms hellos;
  private final TlsTerms terms;
  private final AtomicInteger references = new AtomicInteger(1);

  private ServerTls(List<Shown> shown, HelloTerms hellos, TlsTerms terms) {
    this.shown = List.copyOf(shown);
    this.hellos = hellos;
    this.terms = terms;
  }

  /**
   * Says whether the native engine (BoringSSL) is in use; otherwise it is the JDK's, several times
   * dearer a handshake.
   */
  public static boolean isNative() {
    return OpenSsl.isAvailable();
  }

  /**
   * Builds a context for each certificate.
   *
   * @param certificates what can be shown, at least one; the first is the default
   * @param terms versions, suites and the like
   * @param tickets keys of session tickets
   * @return holding one reference, the caller's
   * @throws SSLException when the engine does not take a certificate
   */
  public static ServerTls of(
      List<ServerCertificate> certificates, TlsTerms terms, TicketKeys tickets)
      throws SSLException {
    HelloTerms hellos = new HelloTerms(certificates, terms);
    List<Shown> shown = new ArrayList<>(certificates.size());
    try {
      for (ServerCertificate certificate : certificates) {
        shown.add(new Shown(context(certificate, terms), certificate.staple()));
      }
    } catch (SSLException | RuntimeException e) {
      shown.forEach(s -> ReferenceCountUtil.release(s.context()));
      throw e;
    }
    ServerTls tls = new ServerTls(shown, hellos, terms);
    tls.useTickets(tickets);
    return tls;
  }

  private static SslContext context(ServerCertificate certificate, TlsTerms terms)
      throws SSLException {
    KeyMaterial material = certificate.material();
    SslContextBuilder builder =
        SslContextBuilder.forServer(material.key(), material.chain())
            .protocols(terms.versions().stream().map(TlsVersion::protocol).toList())
            .ciphers(suites(terms), SupportedCipherSuiteFilter.INSTANCE)
            .sslProvider(isNative() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
    if (!terms.alpn().isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              // clients that ask only for others never get here
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              terms.alpn()));
    }
    if (isNative()) {
      builder
          .option(
              OpenSslContextOption.GROUPS,
              terms.groups().stream().map(NamedGroup::engineName).toArray(String[]::new))
          .option(OpenSslContextOption.USE_TASKS, false)
          .enableOcsp(!certificate.staple().equals(Staple.NONE));
    }
    // Without one, the engine reads the authorities that the JDK trusts into every context.
    builder.trustManager(NobodyTrusted.INSTANCE);
    terms.clients().ifPresent(clients -> clients.configure(builder));
    SslContext context = builder.build();
    if (context.sessionContext() instanceof OpenSslServerSessionContext openSsl) {
      // a session is resumed only where this certificate is shown, lest who had it once stand for
      // another name by a ticket, and where clients are judged alike, lest a ticket from where no
      // certificate is asked for replace one
      openSsl.setSessionIdContext(sessionContext(material.chain().get(0), terms.clients()));
      // tickets alone carry sessions: a cache in memory would be neither shared nor bounded by
      // anything useful
      openSsl.setSessionCacheEnabled(false);
    }
    return context;
  }

  private static byte[] sessionContext(X509Certificate certificate, Optional<ClientTrust> clients)
      throws SSLException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(certificate.getEncoded());
      if (clients.isPresent()) {
        digest.update(clients.get().sessionContext());
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new SSLException("the certificate cannot be encoded", e);
    }
  }

  private static List<String> suites(TlsTerms terms) {
    return Stream.concat(TLS_1_3_SUITES.stream(), terms.cipherSuites().stream()).toList();
  }

  /**
   * Takes new ticket keys into use; tickets of the keys that are gone lead to full handshakes.
   *
   * @param tickets not looked at where no session is resumed
   */
  public void useTickets(TicketKeys tickets) {
    if (!terms.tickets()) {
      return;
    }
    OpenSslSessionTicketKey[] keys =
        tickets.newestFirst().stream()
            .map(ServerTls::nativeKey)
            .toArray(OpenSslSessionTicketKey[]::new);
    for (Shown one : shown) {
      if (one.context().sessionContext() instanceof OpenSslSessionContext openSsl) {
        openSsl.setTicketKeys(keys);
      }
    }
  }

  private static OpenSslSessionTicketKey nativeKey(Ticket key) {
    return new OpenSslSessionTicketKey(key.name(), key.hmac(), key.aes());
  }

  /**
   * Makes the handler that stands where TLS begins. It tells of the {@link ClientHello} and, when
   * it refuses one, of a {@link HandshakeRefusal}; it sets no deadline.
   */
  public ChannelHandler newHandler() {
    return new ClientHelloHandler(this);
  }

  HelloAnswer answer(ClientHello hello) {
    return hellos.answer(hello);
  }

  /** Makes the handler of a handshake that goes on. */
  SslHandler newHandler(HelloAnswer.Serve serve, ClientHello hello, ByteBufAllocator allocator) {
    Shown one = shown.get(serve.certificate());
    SslHandler handler = one.context().newHandler(allocator);
    // the session's deadline has been running since before the ClientHello
    handler.setHandshakeTimeoutMillis(0);
    if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      if (!terms.tickets()) {
        // On the engine: where TLS 1.3 is offered, Netty turns tickets on for each, whatever the
        // context says, and then BoringSSL makes keys of its own.
        SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
      }
      if (hello.statusRequest()) {
        one.staple().current().ifPresent(engine::setOcspResponse);
      }
    }
    return handler;
  }

  /** Returns the time that a handshake may take, from before the ClientHello. */
  public Duration handshakeDeadline() {
    return terms.handshakeDeadline();
  }

  /**
   * Reads what was negotiated.
   *
   * @param handler a handler of this context whose handshake has succeeded and which is still in
   *     its pipeline
   * @param hello what the client offered
   * @param mode how TLS began
   * @throws SSLPeerUnverifiedException when a session was resumed whose client certificate is no
   *     longer good: the connection must not be used
   */
  public TlsFacts facts(SslHandler handler, ClientHello hello, TlsMode mode)
      throws SSLPeerUnverifiedException {
    return EngineFacts.read(handler.engine(), hello, mode, terms.clients());
  }

  /**
   * Takes a reference for a session.
   *
   * @return false when the last one has been given back already; then another context is in force
   */
  public boolean tryRetain() {
    return references.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  /**
   * Does something with a context that may be gone.
   *
   * @return false when it is gone, and nothing was done
   */
  public boolean tryUse(Consumer<ServerTls> then) {
    if (!tryRetain()) {
      return false;
    }
    try {
      then.accept(this);
    } finally {
      release();
    }
    return true;
  }

  /** Says whether native memory is held: by those with references, or by engines that they made. */
  boolean isHeld() {
    return shown.stream().anyMatch(one -> ReferenceCountUtil.refCnt(one.context()) > 0);
  }

  /** Gives a reference back. */
  public void release() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalReferenceCountException(left);
    }
    if (left == 0) {
      shown.forEach(one -> ReferenceCountUtil.release(one.context()));
    }
  }
}
