package dev.postern.core.tls.ocsp;

import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Carries requests to responders. */
@FunctionalInterface
interface OcspResponder {

  /**
   * Asks a responder; does not wait.
   *
   * @param responder where it is
   * @param request in DER
   * @return the response's octets, not looked at; or an {@link OcspUnreachable}
   */
  CompletableFuture<byte[]> ask(URI responder, byte[] request);
}
