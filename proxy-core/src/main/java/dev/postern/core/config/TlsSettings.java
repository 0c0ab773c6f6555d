package dev.postern.core.config;

import dev.postern.core.tls.TlsVersion;

/**
 * TLS towards clients.
 *
 * @param minimum oldest version with which the handshake is completed: 1.2 or newer, for no suite
 *     of older versions is offered
 * @param maximum newest version
 */
public record TlsSettings(TlsVersion minimum, TlsVersion maximum) {

  /**
   * The settings of a configuration that says nothing: the floor of RFC 8997 and everything above
   * it.
   */
  public static final TlsSettings DEFAULT = new TlsSettings(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3);
}
