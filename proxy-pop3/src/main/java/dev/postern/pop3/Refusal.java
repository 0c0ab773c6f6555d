package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.event.LoginOutcome;
import io.netty.buffer.ByteBuf;
import java.util.Locale;

/**
 * Why a backend refused a login, by its response code (RFC 2449 §8, RFC 3206). The client hears the
 * proxy's text and never the backend's, which may tell a wrong password from an unknown user.
 */
enum Refusal {
  /** Wrong credentials; also what a refusal without a code is taken for. */
  CREDENTIALS("AUTH", LoginOutcome.REFUSED, "Authentication failed."),
  IN_USE(
      "IN-USE",
      LoginOutcome.UNAVAILABLE,
      "The mailbox is in use by another session; try again later."),
  LOGIN_DELAY(
      "LOGIN-DELAY",
      LoginOutcome.UNAVAILABLE,
      "The last login was too recent; check for mail less often."),
  TEMPORARY(
      "SYS/TEMP",
      LoginOutcome.UNAVAILABLE,
      "The mail server cannot log you in now; try again later."),
  PERMANENT(
      "SYS/PERM", LoginOutcome.UNAVAILABLE, "The mail server cannot log you in; ask its operator.");

  private final String code;
  private final LoginOutcome outcome;
  private final String answer;

  Refusal(String code, LoginOutcome outcome, String text) {
    this.code = code;
    this.outcome = outcome;
    this.answer = "-ERR [" + code + "] " + text + "\r\n";
  }

  /** Returns how the attempt is accounted. */
  LoginOutcome outcome() {
    return outcome;
  }

  /** Returns what the client hears, CRLF included. */
  String answer() {
    return answer;
  }

  /**
   * Reads the response code of a negative answer.
   *
   * @param line without CRLF
   */
  static Refusal of(ByteBuf line) {
    int open = line.readerIndex() + "-ERR ".length();
    if (open < line.writerIndex() && line.getByte(open) == '[') {
      int close = line.indexOf(open, line.writerIndex(), (byte) ']');
      if (close > 0) {
        String code = line.toString(open + 1, close - open - 1, US_ASCII).toUpperCase(Locale.ROOT);
        for (Refusal r : values()) {
          // Codes are hierarchical: SYS/TEMP/DISK is a SYS/TEMP (RFC 2449 §8).
          if (code.equals(r.code) || code.startsWith(r.code + "/")) {
            return r;
          }
        }
      }
    }
    return CREDENTIALS;
  }
}
