package dev.postern.core.tls;

/** What becomes of a ClientHello. */
sealed interface HelloAnswer {

  /**
   * The handshake goes on.
   *
   * @param certificate place of the certificate to show
   */
  record Serve(int certificate) implements HelloAnswer {}

  /**
   * The handshake ends here.
   *
   * @param alert what the client is told
   * @param reason why
   */
  record Refuse(Alert alert, HandshakeRefusal.Reason reason) implements HelloAnswer {}
}
