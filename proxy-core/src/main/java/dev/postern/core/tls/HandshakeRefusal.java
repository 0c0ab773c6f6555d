package dev.postern.core.tls;

import javax.net.ssl.SSLException;

/**
 * A handshake that ends before a TLS engine hears of it. Without a stack trace: clients can cause
 * as many as they like.
 */
public final class HandshakeRefusal extends SSLException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The client names a server that no certificate is for, or none where it has to. */
    UNKNOWN_SERVER_NAME,
    /** The client wants to speak protocols only that are not spoken here (RFC 7301 §3.2). */
    NO_SHARED_ALPN,
    /** The client knows nothing newer than SSL 2.0, or says hello as if it did. */
    SSL_2,
    /** It looked like a ClientHello and was none. */
    MALFORMED,
    /** An HTTP request. */
    HTTP,
    /** Something else that is not TLS. */
    NOT_TLS
  }

  private final Reason reason;

  HandshakeRefusal(Reason reason) {
    super(reason.name());
    this.reason = reason;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
