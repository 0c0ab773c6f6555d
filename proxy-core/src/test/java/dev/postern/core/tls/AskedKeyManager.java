package dev.postern.core.tls;

import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A client's certificate that remembers whether a server asked for it, and for whose. */
final class AskedKeyManager extends X509ExtendedKeyManager {
  private final X509Bundle certificate;
  private boolean asked;
  private List<Principal> issuers = List.of();

  AskedKeyManager(X509Bundle certificate) {
    this.certificate = certificate;
  }

  boolean asked() {
    return asked;
  }

  List<Principal> issuers() {
    return issuers;
  }

  @Override
  public String chooseEngineClientAlias(
      String[] keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    asked = true;
    this.issuers = issuers == null ? List.of() : List.of(issuers);
    return "client";
  }

  @Override
  public String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, Socket socket) {
    return "client";
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {"client"};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return certificate.getCertificatePath();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return certificate.getKeyPair().getPrivate();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
