package dev.postern.core.config;

import java.nio.file.Path;

/** Where the OCSP response that goes with a certificate comes from. */
public sealed interface StaplingSettings {

  /** There is none. */
  record Off() implements StaplingSettings {}

  /** It is fetched from the responder that the certificate names. */
  record Fetched() implements StaplingSettings {}

  /**
   * It is read from a file that somebody else keeps fresh.
   *
   * @param response the response, in DER
   */
  record File(Path response) implements StaplingSettings {}
}
