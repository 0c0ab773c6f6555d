package dev.postern.core.wire;

/** How the end of a streamed body is found. */
public sealed interface BodyFraming {

  /**
   * Ends at {@code CRLF "." CRLF} (RFC 5321 §4.1.1.4), dots left stuffed; bare CR, bare LF and NUL
   * are violations.
   */
  record DotTerminated() implements BodyFraming {}

  /**
   * Ends after a number of octets (BDAT, RFC 3030), whatever they are.
   *
   * @param count octets, 0 or more
   */
  record Counted(long count) implements BodyFraming {
    public Counted {
      if (count < 0) {
        throw new IllegalArgumentException("count: " + count);
      }
    }
  }
}
