package dev.postern.core.tls;

import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads {@link TlsFacts} off an engine after its handshake. */
final class EngineFacts {
  private EngineFacts() {}

  /**
   * Reads an engine.
   *
   * @param clients judges client certificates; empty where none are asked for
   * @throws SSLPeerUnverifiedException when a resumed session's client certificate is no longer
   *     good
   */
  static TlsFacts read(
      SSLEngine engine, ClientHello hello, TlsMode mode, Optional<ClientTrust> clients)
      throws SSLPeerUnverifiedException {
    SSLSession session = engine.getSession();
    boolean resumed = isResumed(engine);
    boolean checkAgain = resumed || !(engine instanceof ReferenceCountedOpenSslEngine);
    Optional<ClientCertificate> certificate =
        clients.isPresent() ? clients.get().presented(session, checkAgain) : Optional.empty();
    return new TlsFacts(
        TlsVersion.ofProtocol(session.getProtocol())
            .orElseThrow(
                () -> new IllegalStateException("unknown TLS version " + session.getProtocol())),
        CipherSuite.traceName(session.getCipherSuite()),
        group(session),
        hello.serverName(),
        Optional.ofNullable(engine.getApplicationProtocol()).filter(p -> !p.isEmpty()),
        resumed,
        mode,
        certificate);
  }

  private static Optional<String> group(SSLSession session) {
    String name = session instanceof OpenSslSession openSsl ? openSsl.getNamedGroup() : null;
    return Optional.ofNullable(name).filter(n -> !n.isEmpty()).map(EngineFacts::ianaGroup);
  }

  private static String ianaGroup(String name) {
    return NamedGroup.ofEngineName(name).map(NamedGroup::label).orElse(name);
  }

  /** The JDK's engine does not tell; what depends on it must then expect both. */
  private static boolean isResumed(@Nullable SSLEngine engine) {
    return engine instanceof ReferenceCountedOpenSslEngine openSsl
        && openSsl.sslPointer() != 0
        && SSL.isSessionReused(openSsl.sslPointer());
  }
}
