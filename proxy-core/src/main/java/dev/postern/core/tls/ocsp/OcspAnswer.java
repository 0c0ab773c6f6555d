package dev.postern.core.tls.ocsp;

import java.time.Instant;

/** What a responder's octets say of a certificate, as far as they can be believed. */
sealed interface OcspAnswer {

  /**
   * It is good.
   *
   * @param response to be stapled
   */
  record Good(OcspResponse response) implements OcspAnswer {}

  /**
   * Its issuer has revoked it.
   *
   * @param since when that was
   * @param thisUpdate when the responder knew it to be so
   */
  record Revoked(Instant since, Instant thisUpdate) implements OcspAnswer {}

  /**
   * They say nothing that can be used.
   *
   * @param reason why not; a sentence without its subject
   */
  record Refused(String reason) implements OcspAnswer {}
}
