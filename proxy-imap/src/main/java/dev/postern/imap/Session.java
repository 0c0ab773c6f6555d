package dev.postern.imap;

import dev.postern.core.policy.DenialReason;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.util.List;
import java.util.Optional;

/**
 * What never changes in a session, and the texts that depend on it alone.
 *
 * @param facts who connected, where, and what the backend is known to offer
 * @param terms the configuration in force
 */
record Session(SessionFacts facts, Terms terms) {

  /** Returns the greeting of a client that is not logged in, CRLF included. */
  String greeting(Client client) {
    return "* OK [CAPABILITY %s] %s Postern ready\r\n"
        .formatted(capabilities(client), terms.hostname());
  }

  /** Returns the capabilities that a client sees before login, separated by spaces. */
  String capabilities(Client client) {
    return String.join(
        " ",
        Capabilities.beforeLogin(
            facts.offer().capabilities(),
            offersStartTls(client),
            client.loginPossible(),
            external(client).isPresent()));
  }

  /**
   * Returns whom a client may be by EXTERNAL (CCO-4.2b): whom its certificate stands for, at a
   * backend where a master user can act for others.
   */
  Optional<String> external(Client client) {
    return facts.master().isPresent() && Capabilities.offers(offer(), "AUTH=PLAIN")
        ? SessionFacts.identity(client.tls())
        : Optional.empty();
  }

  /**
   * Returns whom a client is logged in as without asking, before it is greeted (CCO-3.2): never on
   * a listener for cleartext.
   */
  Optional<String> preauthenticated(Client client) {
    return facts.preauth() && facts.mode() == TlsMode.IMPLICIT && client.loginPossible()
        ? external(client)
        : Optional.empty();
  }

  boolean offersStartTls(Client client) {
    return facts.startTls() && client.tls().isEmpty();
  }

  /** Returns the untagged answer to ID, before and after login alike (DEEP-7.1a), CRLF included. */
  String idResponse() {
    StringBuilder list = new StringBuilder("* ID (");
    ClientId.add(list, "name", "Postern");
    terms.support().ifPresent(page -> ClientId.add(list, "support-url", page.toASCIIString()));
    // The specification's text calls the field deep, its examples deep-status.
    String status = terms.deep().wire();
    ClientId.add(list, "deep-status", status);
    ClientId.add(list, "deep", status);
    return list.append(")\r\n").toString();
  }

  /**
   * Returns what follows the tag when policy denies a login. On a cleartext channel there is one
   * answer, whatever the reason: it must tell nothing of user or password (CCO-4.1b).
   */
  String denial(Client client, DenialReason reason) {
    if (client.tls().isEmpty()) {
      return "NO [PRIVACYREQUIRED] Logging in without encryption is not allowed:"
          + " turn on SSL/TLS in your mail program"
          + help();
    }
    return switch (reason) {
      case TLS_REQUIRED, TLS_TOO_OLD ->
          "NO [PRIVACYREQUIRED] Your mail program uses an outdated version of TLS: update it"
              + help();
      case PASSWORD_EXPOSED ->
          "NO [EXPIRED] Your password was sent without encryption: change it before you log in again"
              + help();
      case RULE ->
          "NO [CONTACTADMIN] Logging in here is not allowed: ask your administrator" + help();
      case DIRECTORY_UNAVAILABLE -> UNAVAILABLE;
      case MASTER_USER -> REFUSED;
    };
  }

  /**
   * Returns what follows the tag where nobody can log in on this channel. Behind TLS that may be
   * for its version or for the network that the client is in; only versions that nobody should
   * speak (RFC 8996) are sure to be what a user can mend.
   */
  String denial(Client client) {
    if (client.tls().isEmpty()) {
      return denial(client, DenialReason.TLS_REQUIRED);
    }
    boolean deprecated = client.tls().get().version().compareTo(TlsVersion.TLS_1_2) < 0;
    return (deprecated ? "NO [PRIVACYREQUIRED]" : "NO [CONTACTADMIN]")
        + " This connection may not be used to log in:"
        + " update your mail program or system, or ask your administrator"
        + help();
  }

  private String help() {
    return terms.support().map(page -> "; see <" + page.toASCIIString() + ">").orElse("");
  }

  /** What follows the tag when no backend can be asked. */
  static final String UNAVAILABLE =
      "NO [UNAVAILABLE] The mail server cannot be reached now: try again later";

  /**
   * What follows the tag when the backend has refused the credentials, whatever its own words were.
   */
  static final String REFUSED = "NO [AUTHENTICATIONFAILED] User name or password is wrong";

  /** What follows the tag when a certificate's owner wants to act as somebody else. */
  static final String FOREIGN =
      "NO [AUTHORIZATIONFAILED] The certificate does not allow to act as another user";

  /** What follows the tag when the backend does not have the user of a certificate. */
  static final String NOT_THERE =
      "NO [AUTHORIZATIONFAILED] The certificate's user cannot log in here: ask your administrator";

  List<String> offer() {
    return facts.offer().capabilities();
  }
}
