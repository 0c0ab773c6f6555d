package dev.postern.core.tls.ocsp;

import java.io.IOException;

/** No response was to be had; the message says why, in a sentence without its subject. */
final class OcspUnreachable extends IOException {
  private static final long serialVersionUID = 1;

  OcspUnreachable(String message) {
    super(message);
  }
}
