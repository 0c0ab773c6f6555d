package dev.postern.core.tls;

import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads {@link TlsFacts} off an engine after its handshake. */
final class EngineFacts {
  /** RFC 1035 §2.3.4, without the octets that only the wire has. */
  private static final int LONGEST_NAME = 253;

  private EngineFacts() {}

  static TlsFacts read(SSLEngine engine, SSLSession session, TlsMode mode) {
    return new TlsFacts(
        TlsVersion.ofProtocol(session.getProtocol())
            .orElseThrow(
                () -> new IllegalStateException("unknown TLS version " + session.getProtocol())),
        CipherSuite.traceName(session.getCipherSuite()),
        group(session),
        serverName(session),
        Optional.ofNullable(engine.getApplicationProtocol()).filter(p -> !p.isEmpty()),
        isResumed(engine),
        mode);
  }

  private static Optional<String> group(SSLSession session) {
    String name = session instanceof OpenSslSession openSsl ? openSsl.getNamedGroup() : null;
    return Optional.ofNullable(name).filter(n -> !n.isEmpty()).map(EngineFacts::ianaGroup);
  }

  private static String ianaGroup(String name) {
    return NamedGroup.ofEngineName(name).map(NamedGroup::label).orElse(name);
  }

  private static Optional<String> serverName(SSLSession session) {
    if (!(session instanceof ExtendedSSLSession extended)) {
      return Optional.empty();
    }
    try {
      return extended.getRequestedServerNames().stream()
          .filter(SNIHostName.class::isInstance)
          .map(n -> ((SNIHostName) n).getAsciiName())
          .filter(EngineFacts::isServerName)
          .findFirst();
    } catch (IllegalArgumentException noHostName) {
      // The engine hands the client's octets to SNIHostName as they came, which is stricter than
      // clients are: an underscore or a final dot is enough.
      return Optional.empty();
    }
  }

  /** Says whether a name can be repeated: not too long for the DNS, and of plain characters. */
  private static boolean isServerName(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST_NAME
        && name.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '.'
                        || c == '-'
                        || c == '_');
  }

  private static boolean isResumed(@Nullable SSLEngine engine) {
    return engine instanceof ReferenceCountedOpenSslEngine openSsl
        && openSsl.sslPointer() != 0
        && SSL.isSessionReused(openSsl.sslPointer());
  }
}
