package dev.postern.core.config;

import dev.postern.core.tls.TlsVersion;

/**
 * TLS towards clients.
 *
 * @param minimum oldest version with which the handshake is completed. Below 1.2 the handshake
 *     succeeds and policy refuses the login unless a rule says otherwise (CCO-4.1d)
 * @param maximum newest version
 */
public record TlsSettings(TlsVersion minimum, TlsVersion maximum) {

  /**
   * The settings of a configuration that says nothing: the floor of RFC 8997 and everything above
   * it.
   */
  public static final TlsSettings DEFAULT = new TlsSettings(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3);
}
