package dev.postern.core.tls;

import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads {@link TlsFacts} off an engine after its handshake. */
final class EngineFacts {
  private EngineFacts() {}

  static TlsFacts read(SSLEngine engine, ClientHello hello, TlsMode mode) {
    SSLSession session = engine.getSession();
    return new TlsFacts(
        TlsVersion.ofProtocol(session.getProtocol())
            .orElseThrow(
                () -> new IllegalStateException("unknown TLS version " + session.getProtocol())),
        CipherSuite.traceName(session.getCipherSuite()),
        group(session),
        hello.serverName(),
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

  private static boolean isResumed(@Nullable SSLEngine engine) {
    return engine instanceof ReferenceCountedOpenSslEngine openSsl
        && openSsl.sslPointer() != 0
        && SSL.isSessionReused(openSsl.sslPointer());
  }
}
