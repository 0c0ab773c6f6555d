package dev.postern.core.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.Optional;

/**
 * What a client logs in with.
 *
 * @param mechanism SASL mechanism in upper case, or the protocol's own command
 * @param authorizationIdentity whom to act as; empty for the user itself
 * @param user the authentication identity, free of control characters
 * @param password never shown; empty only with EXTERNAL
 */
public record Credentials(
    String mechanism, String authorizationIdentity, String user, Secret password) {

  private static final Secret NO_PASSWORD = Secret.copyOf(new byte[0]);

  /** Returns what a client has that proved itself by a certificate: a name, and no password. */
  public static Credentials external(String identity) {
    return new Credentials(SaslExchange.External.MECHANISM, "", identity, NO_PASSWORD);
  }

  /** Says whether the client proved itself by a certificate. */
  public boolean isExternal() {
    return isExternal(mechanism);
  }

  /** Says whether a mechanism is that of clients which proved themselves by a certificate. */
  public static boolean isExternal(String mechanism) {
    return mechanism.equals(SaslExchange.External.MECHANISM);
  }

  /**
   * Returns what a backend is given: the client's own, or, for a client without a password, those
   * of the master user, who acts as the client's user.
   *
   * @return empty when there is a client without a password and no master user
   */
  public Optional<Credentials> forBackend(Optional<MasterUser> master) {
    return isExternal()
        ? master.map(m -> new Credentials("PLAIN", user, m.name(), m.password()))
        : Optional.of(this);
  }

  /** Returns whom the client acts as: the authorization identity, or the user itself. */
  public String actsAs() {
    return authorizationIdentity.isEmpty() ? user : authorizationIdentity;
  }

  /** Returns the one message of SASL PLAIN (RFC 4616 §2) in base64. */
  public Secret plainResponse() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(authorizationIdentity.getBytes(UTF_8));
    out.write(0);
    out.writeBytes(user.getBytes(UTF_8));
    out.write(0);
    out.writeBytes(password.reveal());
    return Secret.copyOf(Base64.getEncoder().encode(out.toByteArray()));
  }
}
