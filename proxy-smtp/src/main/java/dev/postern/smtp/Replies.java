package dev.postern.smtp;

import dev.postern.core.policy.DenialReason;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The proxy's own replies, CRLF included.
 *
 * @param hostname the proxy's own name
 * @param support page that denials point users to
 */
record Replies(String hostname, Optional<URI> support) {

  static final String OK = "250 2.0.0 OK\r\n";
  static final String BYE = "221 2.0.0 Bye\r\n";
  static final String START_TLS = "220 2.0.0 Ready to start TLS\r\n";
  static final String AUTHENTICATED = "235 2.7.0 Authentication successful\r\n";
  static final String CANNOT_VERIFY =
      "252 2.5.2 Cannot VRFY user, but will accept the message and try to deliver it\r\n";
  static final String CANCELLED = "501 5.7.0 Authentication cancelled\r\n";
  static final String MALFORMED_RESPONSE =
      "501 5.5.2 Cannot decode the authentication response\r\n";
  static final String UNKNOWN_MECHANISM = "504 5.5.4 Authentication mechanism not supported\r\n";
  static final String WRONG_CREDENTIALS =
      "535 5.7.8 Authentication failed: wrong user name or password\r\n";
  static final String FOREIGN =
      "535 5.7.8 Authentication failed: the certificate does not allow to act as another user\r\n";
  static final String NOT_THERE =
      "535 5.7.8 Authentication failed: the certificate's user cannot log in here\r\n";
  static final String LOGIN_UNAVAILABLE =
      "454 4.7.0 Temporary authentication failure, try again later\r\n";
  static final String BACKEND_UNAVAILABLE =
      "451 4.4.1 The mail server cannot be reached, try again later\r\n";
  static final String TLS_UNAVAILABLE = "454 4.7.0 TLS is not available at the moment\r\n";
  static final String MUST_SECURE = "530 5.7.0 Must issue a STARTTLS command first\r\n";
  static final String MUST_AUTHENTICATE = "530 5.7.0 Authentication required\r\n";
  static final String UNKNOWN_COMMAND = "500 5.5.2 Command not recognized\r\n";
  static final String NOT_IMPLEMENTED = "502 5.5.1 Command not implemented\r\n";
  static final String BAD_OCTETS = "500 5.5.2 Control characters in command\r\n";
  static final String BAD_ARGUMENTS = "501 5.5.4 Invalid arguments\r\n";
  static final String NO_ARGUMENTS_ALLOWED = "501 5.5.4 No arguments allowed\r\n";
  static final String BAD_NAME = "501 5.5.4 Invalid domain name or address literal\r\n";
  static final String NO_SUCH_PARAMETER =
      "555 5.5.4 Parameter not recognized or not implemented\r\n";
  static final String BAD_PARAMETER = "501 5.5.4 Invalid or repeated parameter\r\n";
  static final String OUT_OF_BOUNDS =
      "501 5.5.4 Parameter value beyond the bounds that EHLO tells\r\n";
  static final String TOO_MANY_RECIPIENTS =
      "452 4.5.3 Too many recipients; send the message to the others by itself\r\n";
  static final String MESSAGE_TOO_LARGE = "552 5.3.4 Message too large\r\n";
  static final String BINARY_NEEDS_CHUNKS =
      "503 5.5.1 A message with BODY=BINARYMIME comes by BDAT\r\n";
  static final String EHLO_FIRST = "503 5.5.1 Send EHLO first\r\n";
  static final String MAIL_FIRST = "503 5.5.1 Send MAIL first\r\n";
  static final String ALREADY_SECURE = "503 5.5.1 TLS is already active\r\n";
  static final String ALREADY_AUTHENTICATED = "503 5.5.1 Already authenticated\r\n";
  static final String LOGIN_COMES_FIRST =
      "503 5.5.1 AUTH and STARTTLS come before the first MAIL\r\n";
  static final String CHUNKS_BEGUN = "503 5.5.1 DATA and BDAT must not be mixed\r\n";
  static final String CHUNKS_NAMED = "503 5.5.1 No recipients after BDAT\r\n";
  static final String BAD_CHUNK = "501 5.5.4 Invalid chunk size\r\n";
  static final String NO_CHUNKS = "503 5.5.1 BDAT is not allowed here\r\n";
  static final String BARE_CR_OR_LF =
      "550 5.6.11 Message refused: it has bare CR or LF, or NUL characters; your mail program sends broken lines\r\n";
  static final String BEHIND_STARTTLS =
      "501 5.5.4 Nothing may follow STARTTLS before the TLS handshake\r\n";
  static final String LINE_TOO_LONG = "500 5.5.2 Line too long\r\n";
  static final String BROKEN_LINE = "500 5.5.2 Lines must end in CRLF and have no NUL\r\n";
  static final String MESSAGE_TIMED_OUT = "421 4.4.2 Timeout; the message was not accepted\r\n";
  static final String LOST_MESSAGE =
      "451 4.4.2 Lost connection to the mail server; the message was not accepted\r\n";

  /** The backend has all of the message, and may have taken it. */
  static final String NO_VERDICT =
      "451 4.4.2 Lost connection to the mail server before it answered; send the message again\r\n";

  /** The backend has all of the message, and may take it yet. */
  static final String VERDICT_TIMED_OUT =
      "421 4.4.2 Timeout; the mail server has not answered, send the message again\r\n";

  String greeting() {
    return "220 " + hostname + " ESMTP Postern\r\n";
  }

  String helo() {
    return "250 " + hostname + "\r\n";
  }

  String ehlo(List<String> capabilities) {
    StringBuilder out = new StringBuilder("250-").append(hostname).append("\r\n");
    for (int i = 0; i < capabilities.size(); i++) {
      out.append(i == capabilities.size() - 1 ? "250 " : "250-")
          .append(capabilities.get(i))
          .append("\r\n");
    }
    return out.toString();
  }

  String help() {
    return "214 2.0.0 " + support.map(u -> "See <" + u + ">").orElse("See RFC 6409") + "\r\n";
  }

  /** The same octets for every login that a cleartext channel does not allow (CCO-4.1b). */
  String tlsRequired() {
    return "538 5.7.11 Encryption required: turn on SSL/TLS in your mail program" + see();
  }

  /**
   * For a connection with TLS on which nobody can log in: its version is too old, or the client's
   * network is shut out.
   */
  String notOnThisConnection() {
    return "538 5.7.11 This connection is not secure enough to log in: update your mail program or system"
        + see();
  }

  /**
   * Denies a login.
   *
   * @param reason why
   * @param secure whether the channel has TLS; on cleartext a denial must not tell one user from
   *     another (CCO-4.1b)
   */
  String denied(DenialReason reason, boolean secure) {
    if (reason == DenialReason.DIRECTORY_UNAVAILABLE) {
      return LOGIN_UNAVAILABLE;
    }
    if (!secure) {
      return tlsRequired();
    }
    return switch (reason) {
      case TLS_REQUIRED -> tlsRequired();
      case TLS_TOO_OLD ->
          "538 5.7.11 This TLS version is too old: update your mail program or system" + see();
      case PASSWORD_EXPOSED ->
          "534 5.7.12 Your password was sent in clear before and must be changed first" + see();
      case RULE -> "535 5.7.1 You may not log in here" + see();
      case DIRECTORY_UNAVAILABLE -> LOGIN_UNAVAILABLE;
      case MASTER_USER -> WRONG_CREDENTIALS;
    };
  }

  String tooManyConnections() {
    return "421 4.7.0 " + hostname + " Too many connections, try again later\r\n";
  }

  String limitReached() {
    return "421 4.7.0 " + hostname + " Too much sent before login\r\n";
  }

  String tooManyBadCommands() {
    return "421 4.7.0 " + hostname + " Too many bad commands\r\n";
  }

  String tooManyMessages() {
    return "421 4.7.0 " + hostname + " Too many messages in one session, connect again\r\n";
  }

  /** For a line that cannot be read while commands before it wait: 421 may answer any of them. */
  String brokenOff() {
    return "421 4.7.0 "
        + hostname
        + " Broken line: lines must be short, end in CRLF and have no NUL\r\n";
  }

  String foreign() {
    return "421 4.7.0 " + hostname + " This is a mail submission service\r\n";
  }

  String timeout() {
    return "421 4.4.2 " + hostname + " Timeout\r\n";
  }

  String shutdown() {
    return "421 4.3.2 " + hostname + " Shutting down, try again later\r\n";
  }

  String backendLost() {
    return "421 4.4.2 " + hostname + " Lost connection to the mail server\r\n";
  }

  private String see() {
    return support.map(u -> "; see <" + u + ">\r\n").orElse("\r\n");
  }
}
