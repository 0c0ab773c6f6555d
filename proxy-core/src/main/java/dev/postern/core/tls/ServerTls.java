package dev.postern.core.tls;

import dev.postern.core.tls.TicketKeys.Ticket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
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
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * TLS of one set of listeners: a certificate, versions, suites, and the keys of session tickets.
 * Reference-counted: the configuration holds one reference, each session that may still begin a
 * handshake another, and native memory is given back with the last.
 */
public final class ServerTls {
  /** Which of these a client gets cannot be restricted: the native engine offers all of them. */
  private static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private final SslContext context;
  private final Duration handshakeDeadline;
  private final boolean resumes;

  private ServerTls(SslContext context, TlsTerms terms) {
    this.context = context;
    this.handshakeDeadline = terms.handshakeDeadline();
    this.resumes = terms.tickets();
  }

  /**
   * Says whether the native engine (BoringSSL) is in use; otherwise it is the JDK's, several times
   * dearer a handshake.
   */
  public static boolean isNative() {
    return OpenSsl.isAvailable();
  }

  /**
   * Builds a context.
   *
   * @param certificates what can be shown, at least one; the first is the default
   * @param terms versions, suites and the like
   * @param tickets keys of session tickets
   * @return holding one reference, the caller's
   * @throws SSLException when the engine does not take the certificate
   */
  public static ServerTls of(
      List<ServerCertificate> certificates, TlsTerms terms, TicketKeys tickets)
      throws SSLException {
    KeyMaterial material = certificates.get(0).material();
    SslContextBuilder builder =
        SslContextBuilder.forServer(material.key(), material.chain())
            .protocols(terms.versions().stream().map(TlsVersion::protocol).toList())
            .ciphers(suites(terms), SupportedCipherSuiteFilter.INSTANCE)
            .sslProvider(isNative() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
    if (isNative()) {
      builder
          .option(
              OpenSslContextOption.GROUPS,
              terms.groups().stream().map(NamedGroup::engineName).toArray(String[]::new))
          .option(OpenSslContextOption.USE_TASKS, false);
    }
    ServerTls tls = new ServerTls(builder.build(), terms);
    tls.useTickets(tickets);
    return tls;
  }

  private static List<String> suites(TlsTerms terms) {
    return Stream.concat(TLS_1_3_SUITES.stream(), terms.cipherSuites().stream()).toList();
  }

  /**
   * Takes new ticket keys into use; tickets of the keys that are gone lead to full handshakes.
   *
   * @param tickets not looked at where the terms say that no session is resumed
   */
  public void useTickets(TicketKeys tickets) {
    if (context.sessionContext() instanceof OpenSslSessionContext openSsl) {
      // tickets alone carry sessions: a cache in memory would be neither shared nor bounded by
      // anything useful
      openSsl.setSessionCacheEnabled(false);
      if (!resumes) {
        return;
      }
      openSsl.setTicketKeys(
          tickets.newestFirst().stream()
              .map(ServerTls::nativeKey)
              .toArray(OpenSslSessionTicketKey[]::new));
    }
  }

  private static OpenSslSessionTicketKey nativeKey(Ticket key) {
    return new OpenSslSessionTicketKey(key.name(), key.hmac(), key.aes());
  }

  /** Makes the pipeline handler of one connection. */
  public SslHandler newHandler(ByteBufAllocator allocator) {
    SslHandler handler = context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(handshakeDeadline.toMillis());
    if (!resumes) {
      refuseTickets(handler.engine());
    }
    return handler;
  }

  // On the engine: where TLS 1.3 is offered, Netty turns tickets on for each, whatever the context
  // says, and then BoringSSL makes keys of its own.
  private static void refuseTickets(SSLEngine engine) {
    if (engine instanceof ReferenceCountedOpenSslEngine openSsl) {
      SSL.setOptions(openSsl.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
  }

  /**
   * Reads what was negotiated.
   *
   * @param handler a handler of this context whose handshake has succeeded and which is still in
   *     its pipeline
   * @param mode how TLS began
   */
  public static TlsFacts facts(SslHandler handler, TlsMode mode) {
    SSLSession session = handler.engine().getSession();
    return EngineFacts.read(handler.engine(), session, mode);
  }

  /**
   * Takes a reference for a session.
   *
   * @return false when the last one has been given back already; then another context is in force
   */
  public boolean tryRetain() {
    try {
      ReferenceCountUtil.retain(context);
      return true;
    } catch (IllegalReferenceCountException retired) {
      return false;
    }
  }

  /** Gives a reference back. */
  public void release() {
    ReferenceCountUtil.release(context);
  }
}
