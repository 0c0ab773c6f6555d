package dev.postern.core.tls;

import io.netty.internal.tcnative.CertificateVerifier;
import java.security.cert.CertificateException;

/**
 * A client's certificate is not accepted. Found among the causes of the exception that a handshake
 * fails with; says nothing of what the client sent.
 */
public final class RefusedClientCertificate extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  RefusedClientCertificate(Reason reason) {
    super(reason.label());
    this.reason = reason;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }

  /** Hostile clients can cause it at will: nobody asks where. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  /** Why a certificate is not accepted. */
  public enum Reason {
    /** What came is no certificate, or not as RFC 5280 has it. */
    MALFORMED("malformed"),
    /** No path leads to an authority. */
    UNKNOWN_AUTHORITY("unknown-authority"),
    /** More intermediate certificates than are allowed. */
    TOO_DEEP("too-deep"),
    /** It, or one of its issuers, has expired. */
    EXPIRED("expired"),
    /** It, or one of its issuers, is not valid yet. */
    NOT_YET_VALID("not-yet-valid"),
    /** It, or one of its issuers, is on a revocation list. */
    REVOKED("revoked"),
    /** There is no current revocation list of one of its issuers. */
    REVOCATION_UNKNOWN("revocation-unknown"),
    /** It is not for authenticating TLS clients. */
    WRONG_USAGE("wrong-usage"),
    /** A key or a signature is too weak. */
    WEAK("weak"),
    /** A signature, a constraint or a critical extension forbids it. */
    INVALID("invalid");

    private final String label;

    Reason(String label) {
      this.label = label;
    }

    /** Returns the value for the audit log. */
    public String label() {
      return label;
    }

    /**
     * Returns the error by which BoringSSL chooses the alert (RFC 8446 §6.2). Only for the native
     * engine: without it there are no such numbers.
     */
    int verificationError() {
      return switch (this) {
        // unknown_ca
        case UNKNOWN_AUTHORITY -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
        case TOO_DEEP -> CertificateVerifier.X509_V_ERR_CERT_CHAIN_TOO_LONG;
        // certificate_expired
        case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
        case NOT_YET_VALID -> CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
        // certificate_revoked
        case REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
        // certificate_unknown
        case REVOCATION_UNKNOWN -> CertificateVerifier.X509_V_ERR_UNSPECIFIED;
        // unsupported_certificate
        case WRONG_USAGE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
        // bad_certificate
        case MALFORMED, WEAK, INVALID -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
      };
    }
  }
}
