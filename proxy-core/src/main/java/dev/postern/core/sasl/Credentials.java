package dev.postern.core.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Base64;

/**
 * What a client logs in with.
 *
 * @param mechanism SASL mechanism in upper case, or the protocol's own command
 * @param authorizationIdentity whom to act as; empty for the user itself
 * @param user the authentication identity, free of control characters
 * @param password never shown
 */
public record Credentials(
    String mechanism, String authorizationIdentity, String user, Secret password) {

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
