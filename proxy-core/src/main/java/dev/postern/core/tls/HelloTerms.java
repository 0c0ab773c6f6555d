package dev.postern.core.tls;

import dev.postern.core.tls.HandshakeRefusal.Reason;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** Decides about ClientHellos. Pure. */
final class HelloTerms {
  private final CertificateChoice choice;
  private final List<String> alpn;

  /**
   * Prepares the decisions.
   *
   * @param certificates at least one
   */
  HelloTerms(List<ServerCertificate> certificates, TlsTerms terms) {
    this.choice = new CertificateChoice(certificates, terms);
    this.alpn = terms.alpn();
  }

  HelloAnswer answer(ClientHello hello) {
    OptionalInt certificate = choice.choose(hello);
    if (choice.sharedVersion(hello).isEmpty()) {
      // the engine says so, whatever else there would be to say
      return new HelloAnswer.Serve(certificate.orElse(0));
    }
    if (certificate.isEmpty()) {
      // a missing name is told by another alert than an unknown one (RFC 8446 §9.2)
      return new HelloAnswer.Refuse(
          hello.serverName().isEmpty() ? Alert.MISSING_EXTENSION : Alert.UNRECOGNIZED_NAME,
          Reason.UNKNOWN_SERVER_NAME);
    }
    if (!alpn.isEmpty() && !hello.alpn().isEmpty() && Collections.disjoint(alpn, hello.alpn())) {
      return new HelloAnswer.Refuse(Alert.NO_APPLICATION_PROTOCOL, Reason.NO_SHARED_ALPN);
    }
    return new HelloAnswer.Serve(certificate.getAsInt());
  }
}
