package dev.postern.core.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** Whose client certificates a listener accepts, and whom they stand for. */
public final class ClientTrust {
  /** Accepts nobody. */
  ClientTrust() {}

  /** Makes contexts ask for client certificates and check them. */
  void configure(SslContextBuilder builder) {
    builder.clientAuth(ClientAuth.OPTIONAL);
  }

  /** Reads the certificate that a client has presented in a handshake that succeeded. */
  Optional<ClientCertificate> presented(SSLSession session) {
    return Optional.empty();
  }
}
