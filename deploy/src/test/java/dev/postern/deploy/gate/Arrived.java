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

  private static final Pattern TRACE =
      Pattern.compile("Received: from [^\r]*\r\n(?:\t[^\r]*\r\n)*");

  private Arrived() {}

  static String field(String arrived) {
    Matcher backend = BACKEND_FIELDS.matcher(arrived);
    assertThat(backend.lookingAt())
        .as("fields of the backends in front of: %s", head(arrived))
        .isTrue();
    Matcher trace = TRACE.matcher(arrived).region(backend.end(), arrived.length());
    assertThat(trace.lookingAt()).as("trace field of the proxy in: %s", head(arrived)).isTrue();
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
