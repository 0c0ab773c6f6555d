package dev.postern.pop3;

import dev.postern.core.event.Limit;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.wire.WireViolation;
import java.util.List;

/**
 * What the proxy itself says, CRLF included. A denial depends on the situation alone, never on what
 * the client gave (CCO-4.1b), and tells the user what to do.
 */
final class Answers {
  static final String OK = "+OK\r\n";
  static final String GOODBYE = "+OK Bye.\r\n";
  static final String BEGIN_TLS = "+OK Begin TLS negotiation\r\n";
  static final String USER_TAKEN = "+OK Send the password.\r\n";
  static final String LOGGED_IN = "+OK Logged in.\r\n";
  static final String UNKNOWN_COMMAND = "-ERR Unknown command.\r\n";
  static final String BEFORE_LOGIN = "-ERR Not before login.\r\n";
  static final String AFTER_LOGIN = "-ERR Not after login.\r\n";
  static final String NOT_OFFERED = "-ERR Not offered here.\r\n";
  static final String TLS_ACTIVE = "-ERR TLS is already active.\r\n";
  static final String TLS_UNAVAILABLE = "-ERR TLS cannot be started here.\r\n";
  static final String NO_ARGUMENT = "-ERR This command takes no argument.\r\n";
  static final String BAD_USER = "-ERR That is not a user name.\r\n";
  static final String USER_FIRST = "-ERR Send USER first.\r\n";
  static final String NO_PASSWORD = "-ERR A password is missing.\r\n";
  static final String UNKNOWN_MECHANISM = "-ERR Unknown authentication mechanism.\r\n";
  static final String FOREIGN =
      "-ERR [AUTH] The certificate does not allow to act as another user.\r\n";
  static final String NOT_THERE =
      "-ERR [AUTH] The certificate's user cannot log in here: ask your administrator.\r\n";
  static final String CANCELLED = "-ERR Authentication cancelled.\r\n";
  static final String MALFORMED_RESPONSE = "-ERR Malformed authentication response.\r\n";
  static final String TOO_MANY_BAD = "-ERR [SYS/PERM] Too many bad commands.\r\n";
  static final String UNAVAILABLE =
      "-ERR [SYS/TEMP] The mail server cannot be reached now; try again later.\r\n";
  static final String BACKEND_GONE =
      "-ERR [SYS/TEMP] The mail server has closed the connection.\r\n";
  static final String SHUTTING_DOWN =
      "-ERR [SYS/TEMP] The service is restarting; connect again.\r\n";

  private final String see;
  private final String greeting;

  Answers(Terms terms) {
    see = terms.support().map(u -> "; see <" + u + ">").orElse("");
    greeting = "+OK " + terms.hostname() + " Postern ready\r\n";
  }

  /** Lists mechanisms, for AUTH without an argument. */
  static String mechanisms(List<String> names) {
    return "+OK\r\n" + String.join("\r\n", names) + "\r\n.\r\n";
  }

  String greeting() {
    return greeting;
  }

  /** Returns the answer to any attempt to log in on a connection on which nobody may. */
  String loginImpossible(boolean tls) {
    return tls
        ? denial("SYS/PERM", "This connection may not be used to log in: update your mail program")
        : denied(DenialReason.TLS_REQUIRED);
  }

  /** Returns the answer to a login that policy denies. */
  String denied(DenialReason reason) {
    return switch (reason) {
      case TLS_REQUIRED -> denial("SYS/PERM", "Turn on SSL/TLS in your mail program");
      case TLS_TOO_OLD ->
          denial("SYS/PERM", "Update your mail program: its version of TLS is too old");
      case PASSWORD_EXPOSED ->
          denial("AUTH", "Change your password: it was sent without encryption");
      case RULE -> denial("SYS/PERM", "You may not log in here");
      case DIRECTORY_UNAVAILABLE ->
          denial("SYS/TEMP", "Logging in is not possible now: try again later");
      case MASTER_USER -> Refusal.CREDENTIALS.answer();
    };
  }

  private String denial(String code, String text) {
    return "-ERR [" + code + "] " + text + see + ".\r\n";
  }

  /** Returns what a client hears that is turned away at the door. */
  static String refused(Limit limit) {
    return limit == Limit.CONNECTIONS_PER_ADDRESS
        ? "-ERR [IN-USE] Too many connections from your address.\r\n"
        : "-ERR [SYS/TEMP] Too many connections; try again later.\r\n";
  }

  /** Returns what a client hears that took too long. */
  static String timedOut(Limit limit) {
    return limit == Limit.IDLE_TIMEOUT
        ? "-ERR Disconnected for inactivity.\r\n"
        : "-ERR Disconnected: no login in time.\r\n";
  }

  /** Returns what a client hears that broke the protocol. */
  static String violated(WireViolation violation) {
    return switch (violation) {
      case LINE_TOO_LONG -> "-ERR The line is too long.\r\n";
      case PLAINTEXT_BEHIND_STARTTLS ->
          "-ERR Nothing may follow STLS before the TLS handshake.\r\n";
      case TOO_MANY_OCTETS -> "-ERR [SYS/PERM] Too much without a login.\r\n";
      case BARE_CR, BARE_LF, NUL, LITERAL_TOO_LARGE, FOREIGN_PROTOCOL, MALFORMED ->
          "-ERR Commands are lines of text that end in CRLF.\r\n";
    };
  }
}
