package dev.postern.core.session;

import dev.postern.core.event.TlsFailure;
import dev.postern.core.tls.HandshakeRefusal;
import dev.postern.core.tls.RefusedClientCertificate;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Tells why a handshake failed from what an engine threw. Only the kind leaves here: an engine's
 * message may quote octets of the client's.
 */
final class HandshakeFailures {
  private HandshakeFailures() {}

  static TlsFailure classify(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      TlsFailure failure = classifyOne(cause);
      if (failure != TlsFailure.OTHER) {
        return failure;
      }
    }
    return TlsFailure.OTHER;
  }

  /** Returns why the client's certificate was refused, where that is why the handshake failed. */
  static Optional<RefusedClientCertificate.Reason> refusedCertificate(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedClientCertificate refused) {
        return Optional.of(refused.reason());
      }
    }
    return Optional.empty();
  }

  private static TlsFailure classifyOne(Throwable cause) {
    return switch (cause) {
      case HandshakeRefusal refusal -> ofRefusal(refusal.reason());
      case NotSslRecordException e -> TlsFailure.NOT_TLS;
      case TooLongFrameException e -> TlsFailure.MALFORMED;
      case CertificateException e -> TlsFailure.BAD_CLIENT_CERTIFICATE;
      case CertPathValidatorException e -> TlsFailure.BAD_CLIENT_CERTIFICATE;
      case ClosedChannelException e -> TlsFailure.CLOSED;
      case SSLException e -> byMessage(String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
      case IOException e -> TlsFailure.RESET;
      default -> TlsFailure.OTHER;
    };
  }

  private static TlsFailure ofRefusal(HandshakeRefusal.Reason reason) {
    return switch (reason) {
      case UNKNOWN_SERVER_NAME -> TlsFailure.UNKNOWN_SERVER_NAME;
      case NO_SHARED_ALPN -> TlsFailure.NO_SHARED_ALPN;
      case SSL_2 -> TlsFailure.NO_SHARED_VERSION;
      case MALFORMED -> TlsFailure.MALFORMED;
      case HTTP -> TlsFailure.HTTP;
      case NOT_TLS -> TlsFailure.NOT_TLS;
    };
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
        || message.contains("no_common_signature_algorithms")
        || message.contains("cipher suites in common")) {
      return TlsFailure.NO_SHARED_SUITE;
    }
    if (message.contains("certificate_verify_failed")
        || message.contains("peer_did_not_return_a_certificate")
        || message.contains("empty client certificate chain")) {
      return TlsFailure.BAD_CLIENT_CERTIFICATE;
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
