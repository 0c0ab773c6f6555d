package dev.postern.core.session;

import dev.postern.core.event.TlsFailure;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;

/**
 * Tells why a handshake failed from what an engine threw. Only the kind leaves here: an engine's
 * message may quote octets of the client's.
 */
final class HandshakeFailures {
  private HandshakeFailures() {}

  static TlsFailure classify(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SslHandshakeTimeoutException) {
        return TlsFailure.TIMEOUT;
      }
      if (cause instanceof NotSslRecordException) {
        return TlsFailure.NOT_TLS;
      }
      if (cause instanceof ClosedChannelException) {
        return TlsFailure.CLOSED;
      }
      if (cause instanceof SSLException) {
        TlsFailure failure =
            byMessage(String.valueOf(cause.getMessage()).toLowerCase(java.util.Locale.ROOT));
        if (failure != TlsFailure.OTHER) {
          return failure;
        }
      }
    }
    return thrown instanceof java.io.IOException && !(thrown instanceof SSLException)
        ? TlsFailure.CLOSED
        : TlsFailure.OTHER;
  }

  /**
   * The engines tell these apart in words only: BoringSSL's reason codes, or the JDK's sentences.
   */
  private static TlsFailure byMessage(String message) {
    if (message.contains("unsupported_protocol")
        || message.contains("wrong_version_number")
        || message.contains("client requested protocol")
        || message.contains("no appropriate protocol")) {
      return TlsFailure.NO_SHARED_VERSION;
    }
    if (message.contains("no_shared_cipher")
        || message.contains("no_shared_group")
        || message.contains("cipher suites in common")) {
      return TlsFailure.NO_SHARED_SUITE;
    }
    if (message.contains("http_request") || message.contains("https_proxy_request")) {
      return TlsFailure.NOT_TLS;
    }
    if (message.contains("alert") || message.contains("received fatal")) {
      return TlsFailure.CLIENT_ALERT;
    }
    if (message.contains("closed") || message.contains("closing inbound before receiving")) {
      return TlsFailure.CLOSED;
    }
    return TlsFailure.OTHER;
  }
}
