package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A message as it lies in the mailbox: what the backends put in front, then the proxy's trace
 * field, then what was sent.
 */
final class Arrived {
  /** {@code Return-Path} and Postfix's own field, which name this proxy as the client. */
  private static final Pattern BACKEND_FIELDS =
      Pattern.compile("Return-Path: <[^>]*>\r\nReceived: from [^\r]*\r\n(?:\t[^\r]*\r\n)*");

  private static final Pattern TRACE = Pattern.compile("Received: from[^\r]*\r\n(?:\t[^\r]*\r\n)*");

  /**
   * Time-stamp-line of RFC 5321 §4.4 as this proxy writes it, unfolded: from, by, via and with, id,
   * for, then the additional clauses of CCO-4.3 and RFC 8314 §4.3.
   */
  private static final Pattern GRAMMAR =
      Pattern.compile(
          "Received: from ([A-Za-z0-9.-]+|\\[[0-9A-Fa-f.:]+])( \\([^()\\\\]*\\))*"
              + " by [A-Za-z0-9.-]+ \\(Postern\\) with (UTF8SMTP|ESMTP)S?A? id [A-Z0-9]{26}"
              + "( \\(TLSv1\\.[0-3]\\))?( for <[^<> ]+@[^<> ]+>)?"
              + "( tls ([A-Za-z][A-Za-z0-9_]*|0x[0-9A-F]{4})( group [A-Za-z0-9_-]+)?)?"
              + "; (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2}"
              + " (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}"
              + " [0-9]{2}:[0-9]{2}:[0-9]{2} \\+0000\r\n");

  private Arrived() {}

  static String field(String arrived) {
    Matcher backend = BACKEND_FIELDS.matcher(arrived);
    assertThat(backend.lookingAt())
        .as("fields of the backends in front of: %s", head(arrived))
        .isTrue();
    Matcher trace = TRACE.matcher(arrived).region(backend.end(), arrived.length());
    assertThat(trace.lookingAt()).as("trace field of the proxy in: %s", head(arrived)).isTrue();
    assertThat(trace.group().replace("\r\n\t", " ")).matches(GRAMMAR);
    return trace.group();
  }

  static void assertBitExactButForTheTrace(String arrived, String sent) {
    String field = field(arrived);
    int end = arrived.indexOf(field) + field.length();
    assertThat(arrived.substring(end)).isEqualTo(sent);
  }

  private static String head(String message) {
    return message.substring(0, Math.min(1000, message.length()));
  }
}
