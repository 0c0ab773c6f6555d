package dev.postern.core.event;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.policy.Decision;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.RefusedClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.wire.WireViolation;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/** Something that happened in one session. Sinks switch over it exhaustively. */
public sealed interface SessionEvent {

  /** A client connected. */
  record Started() implements SessionEvent {}

  /**
   * A TLS handshake succeeded.
   *
   * @param tls what was negotiated
   */
  record TlsEstablished(TlsFacts tls) implements SessionEvent {}

  /**
   * A TLS handshake failed.
   *
   * @param reason why
   * @param hello what the client offered; empty when it could not be read
   * @param certificate what is wrong with the client's certificate; empty when nothing is, or it
   *     was not looked at
   */
  record TlsFailed(
      TlsFailure reason,
      Optional<ClientHello> hello,
      Optional<RefusedClientCertificate.Reason> certificate)
      implements SessionEvent {
    /** A failure for which no certificate is to blame. */
    public TlsFailed(TlsFailure reason, Optional<ClientHello> hello) {
      this(reason, hello, Optional.empty());
    }
  }

  /**
   * The client told who it is (IMAP ID, SMTP CLIENT).
   *
   * @param fields name and value, printable, bounded in number and length
   */
  record ClientIdentified(Map<String, String> fields) implements SessionEvent {
    public ClientIdentified {
      fields = Map.copyOf(fields);
    }
  }

  /**
   * Policy decided on a login attempt, before any backend heard of it.
   *
   * @param user the name as the client gave it
   * @param mechanism SASL mechanism or the protocol's own command
   * @param decision what was decided
   */
  record LoginDecided(String user, String mechanism, Decision decision) implements SessionEvent {}

  /**
   * A login attempt ended.
   *
   * @param user the name as the client gave it
   * @param mechanism SASL mechanism or the protocol's own command
   * @param outcome how
   */
  record LoginEnded(String user, String mechanism, LoginOutcome outcome) implements SessionEvent {}

  /**
   * A client sends mail without a login: policy lets it, and a backend has taken it. No limit that
   * is made for the time before a login holds any longer.
   *
   * @param decision what was decided; it permits
   */
  record LoginWaived(Decision decision) implements SessionEvent {}

  /**
   * A backend connection was made.
   *
   * @param backend its address
   * @param nanos from the first try to the connection
   */
  record BackendConnected(InetSocketAddress backend, long nanos) implements SessionEvent {}

  /**
   * A backend connection could not be made or was lost.
   *
   * @param loss why
   */
  record BackendFailed(BackendLoss loss) implements SessionEvent {}

  /**
   * A message was submitted and the backend gave its final reply, or none.
   *
   * @param sender reverse-path without angle brackets; empty for the null path
   * @param recipients number of accepted recipients
   * @param octets of the message as the client sent it
   * @param reply the backend's final reply code; 0 when it vanished before replying, and the code
   *     of the proxy's own reply when the message was refused by the proxy
   * @param accepted whether the backend has taken the message
   */
  record Submitted(String sender, int recipients, long octets, int reply, boolean accepted)
      implements SessionEvent {}

  /**
   * A message had CRs or LFs of their own, and a rule let them be mended; the backend has it, and
   * its verdict follows.
   *
   * @param first what was mended first
   */
  record Normalized(WireViolation first) implements SessionEvent {}

  /**
   * The client broke the protocol; the session ends.
   *
   * @param violation how
   */
  record Violated(WireViolation violation) implements SessionEvent {}

  /**
   * A connection was closed at a listener where balancers pass connections on.
   *
   * @param failure why
   */
  record ProxyHeaderRefused(ProxyHeaderFailure failure) implements SessionEvent {}

  /**
   * A limit was reached.
   *
   * @param limit which
   */
  record LimitReached(Limit limit) implements SessionEvent {}

  /**
   * The session is over.
   *
   * @param reason why
   * @param nanos how long it lasted
   * @param fromClient octets received from the client, after decryption
   * @param toClient octets sent to the client, before encryption
   * @param user who was logged in
   */
  record Ended(EndReason reason, long nanos, long fromClient, long toClient, Optional<String> user)
      implements SessionEvent {}
}
