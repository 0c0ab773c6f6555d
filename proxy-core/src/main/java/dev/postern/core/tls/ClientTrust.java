package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.tls.RefusedClientCertificate.Reason;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whose client certificates a listener accepts, and whom they stand for (CCO-4.2). Read as a whole
 * and never again: a reload makes a new one.
 *
 * <p>A certificate that does not verify is refused in the handshake, whether or not one is
 * required; a client that comes without one is served, unless one is. A session that is resumed
 * brings its certificate along, which is judged anew; and it is resumed only where the same
 * authorities and the same revocation lists are in force.
 */
public final class ClientTrust {
  private final Authorities authorities;
  private final ClientPath path;
  private final IdentityRules rules;
  private final boolean required;
  private final byte[] sessionContext;
  private final InstantSource clock;

  private ClientTrust(
      Authorities authorities,
      int depth,
      IdentityRules rules,
      boolean required,
      InstantSource clock)
      throws GeneralSecurityException {
    this.authorities = authorities;
    this.path = new ClientPath(authorities, depth);
    this.rules = rules;
    this.required = required;
    this.sessionContext = sessionContext(authorities, depth, required);
    this.clock = clock;
  }

  /** What came of reading the files. */
  public sealed interface Loaded {

    /**
     * All files could be read.
     *
     * @param trust what they say
     */
    record Usable(ClientTrust trust) implements Loaded {}

    /**
     * A file could not be read, or not all of it makes sense.
     *
     * @param problems everything that is wrong, each with its file and what to do
     */
    record Refused(List<String> problems) implements Loaded {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Reads all files. Blocks: not for an event loop.
   *
   * @param bundle PEM file with the certificates of those who may vouch for clients, each of them
   *     trusted for itself, whoever issued it
   * @param depth most intermediate certificates between a client's and an authority's
   * @param revocations files with certificate revocation lists, PEM or DER; with one at least,
   *     every issuer in a path needs a current list
   * @param mappings how the user is found, tried in order
   * @param required whether a client without a certificate is refused in the handshake
   * @param clock tells what has expired
   */
  public static Loaded load(
      Path bundle,
      int depth,
      List<Path> revocations,
      List<IdentityMapping> mappings,
      boolean required,
      InstantSource clock) {
    List<String> problems = new ArrayList<>();
    Authorities authorities = Authorities.read(bundle, revocations, problems);
    Map<IdentityMapping.Fingerprints, Map<String, String>> users = new HashMap<>();
    for (IdentityMapping mapping : mappings) {
      if (mapping instanceof IdentityMapping.Fingerprints fingerprints) {
        users.put(fingerprints, FingerprintFile.read(fingerprints.file(), problems));
      }
    }
    if (!problems.isEmpty()) {
      return new Loaded.Refused(problems);
    }
    try {
      return new Loaded.Usable(
          new ClientTrust(authorities, depth, new IdentityRules(mappings, users), required, clock));
    } catch (GeneralSecurityException e) {
      return new Loaded.Refused(List.of(bundle + " cannot be used: " + e.getMessage()));
    }
  }

  /**
   * Lists what keeps clients out although the files can be read: expired authorities, revocation
   * lists that are missing or too old.
   */
  public List<String> doubts() {
    return authorities.doubts(clock.instant());
  }

  /**
   * Returns until when all issuers that are known have a current revocation list: the epoch where
   * one has none already. From then on its clients are refused.
   *
   * @return empty when revocation is not checked
   */
  public Optional<Instant> revocationsEnd() {
    return authorities.revocationsEnd();
  }

  /** Makes contexts ask for client certificates, name the authorities, and check what comes. */
  void configure(SslContextBuilder builder) {
    builder
        .clientAuth(required ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
        .trustManager(new Verifier());
  }

  /**
   * Returns what tells this trust from others, the same in all processes with the same files. The
   * keys of tickets may be shared with contexts that ask for no certificate, or for others, and
   * their sessions must not be resumed here, nor these there.
   */
  byte[] sessionContext() {
    return sessionContext.clone();
  }

  /**
   * Reads the certificate that a client has presented in a handshake that succeeded.
   *
   * @param checkAgain whether the handshake did not check it, because it resumed a session
   * @throws SSLPeerUnverifiedException when the certificate is no longer good, or there is none
   *     where one is required; its cause tells which
   */
  Optional<ClientCertificate> presented(SSLSession session, boolean checkAgain)
      throws SSLPeerUnverifiedException {
    X509Certificate[] chain = chain(session);
    if (chain.length == 0) {
      if (required) {
        throw new SSLPeerUnverifiedException("no client certificate");
      }
      return Optional.empty();
    }
    if (checkAgain) {
      Optional<Reason> refusal = path.refusal(chain, clock.instant());
      if (refusal.isPresent()) {
        SSLPeerUnverifiedException unverified =
            new SSLPeerUnverifiedException("the client certificate is no longer good");
        unverified.initCause(new RefusedClientCertificate(refusal.get()));
        throw unverified;
      }
    }
    return Optional.of(read(chain[0]));
  }

  private static X509Certificate[] chain(SSLSession session) {
    try {
      return Arrays.stream(session.getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toArray(X509Certificate[]::new);
    } catch (SSLPeerUnverifiedException none) {
      return new X509Certificate[0];
    }
  }

  private ClientCertificate read(X509Certificate certificate) throws SSLPeerUnverifiedException {
    try {
      PresentedNames names = PresentedNames.of(certificate);
      String sha256 =
          HexFormat.of()
              .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
      return new ClientCertificate(
          PresentedNames.subject(certificate),
          names.shown(),
          sha256,
          rules.identity(names, sha256));
    } catch (GeneralSecurityException e) {
      throw new SSLPeerUnverifiedException("the client certificate cannot be read");
    }
  }

  private static byte[] sessionContext(Authorities authorities, int depth, boolean required)
      throws GeneralSecurityException {
    MessageDigest digest = sha256();
    digest.update("postern client certificates".getBytes(US_ASCII));
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(depth).flip());
    digest.update((byte) (required ? 1 : 0));
    for (X509Certificate authority : authorities.certificates()) {
      digest.update(authority.getEncoded());
    }
    digest.update((byte) (authorities.checksRevocation() ? 1 : 0));
    for (X509CRL list : authorities.revocations()) {
      digest.update(list.getEncoded());
    }
    return digest.digest();
  }

  private static MessageDigest sha256() throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256");
  }

  /** What TLS engines ask, on event loops. */
  private final class Verifier extends X509ExtendedTrustManager {
    private void verify(X509Certificate[] chain) throws CertificateException {
      Optional<Reason> refusal = path.refusal(chain, clock.instant());
      if (refusal.isPresent()) {
        RefusedClientCertificate refused = new RefusedClientCertificate(refusal.get());
        throw ServerTls.isNative()
            ? new OpenSslCertificateException(refused, refusal.get().verificationError())
            : refused;
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      verify(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      verify(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      verify(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("these authorities vouch for clients only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities.certificates().toArray(new X509Certificate[0]);
    }
  }
}
