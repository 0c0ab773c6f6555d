package dev.postern.deploy.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;

/** Textual encoding of certificates and keys (RFC 7468). */
public final class Pem {
  private static final int LINE = 64;

  private Pem() {}

  /**
   * Encodes.
   *
   * @param label {@code CERTIFICATE}, {@code CERTIFICATE REQUEST}, {@code PRIVATE KEY}
   * @param der the structure in DER
   */
  public static String encode(String label, byte[] der) {
    String body = Base64.getMimeEncoder(LINE, "\n".getBytes(US_ASCII)).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
