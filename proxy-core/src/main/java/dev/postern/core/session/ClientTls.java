package dev.postern.core.session;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.RefusedClientCertificate;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TlsFacts;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS of one client's channel, from the beginning of the handshake to close_notify. Holds the
 * session's reference to its {@link ServerTls}, and its place among the handshakes in progress.
 */
final class ClientTls {
  private final Entrance entrance;
  private final InetAddress address;
  private final Deadlines deadlines;
  private @Nullable ClientHello hello;
  private boolean shakingHands;
  private boolean established;
  private boolean closed;

  ClientTls(Entrance entrance, InetAddress address, Deadlines deadlines) {
    this.entrance = entrance;
    this.address = address;
    this.deadlines = deadlines;
  }

  /** Begins a handshake, unless the client's address has too many in progress. */
  boolean begin() {
    int most = entrance.snapshot().terms().limits().handshakesPerAddress();
    shakingHands = entrance.handshakes().begin(address, most);
    return shakingHands;
  }

  boolean isShakingHands() {
    return shakingHands;
  }

  /** The client has said what it can do. */
  void offered(ClientHello offered) {
    hello = offered;
  }

  /**
   * The handshake has succeeded.
   *
   * @throws SSLPeerUnverifiedException when the client's certificate cannot be told after all
   */
  TlsFacts done(SslHandler handler) throws SSLPeerUnverifiedException {
    leave();
    TlsFacts facts =
        Objects.requireNonNull(entrance.tls())
            .facts(handler, Objects.requireNonNull(hello), entrance.service().mode());
    hello = null;
    established = true;
    return facts;
  }

  /** Returns what to tell of a handshake that failed by an exception. */
  SessionEvent.TlsFailed failed(Throwable cause) {
    return failed(HandshakeFailures.classify(cause), HandshakeFailures.refusedCertificate(cause));
  }

  /** Returns what to tell of a handshake that failed otherwise. */
  SessionEvent.TlsFailed failed(TlsFailure reason) {
    return failed(reason, Optional.empty());
  }

  private SessionEvent.TlsFailed failed(
      TlsFailure reason, Optional<RefusedClientCertificate.Reason> certificate) {
    return new SessionEvent.TlsFailed(reason, Optional.ofNullable(hello), certificate);
  }

  /**
   * Gives the place among the handshakes in progress back.
   *
   * @return whether there was one
   */
  boolean leave() {
    boolean was = shakingHands;
    if (was) {
      shakingHands = false;
      deadlines.handshakeDone();
      entrance.handshakes().end(address);
    }
    return was;
  }

  /** The client has said that nothing more comes. */
  void closed() {
    closed = true;
  }

  /** Says whether octets could be missing at the end (CCO-3.4). */
  boolean isTruncated() {
    return established && !closed;
  }

  /** Gives back the session's reference to its TLS. */
  void release() {
    ServerTls tls = entrance.tls();
    if (tls != null) {
      tls.release();
    }
  }
}
