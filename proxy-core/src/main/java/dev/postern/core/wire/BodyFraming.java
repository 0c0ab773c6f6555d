package dev.postern.core.wire;

/** How the end of a streamed body is found. */
public sealed interface BodyFraming {

  /**
   * Ends at {@code CRLF "." CRLF} (RFC 5321 §4.1.1.4), dots left stuffed; bare CR, bare LF and NUL
   * are violations.
   *
   * @param most octets that are passed on at most
   * @param normalize whether a bare CR or LF becomes CRLF instead of being a violation
   */
  record DotTerminated(long most, boolean normalize) implements BodyFraming {
    public DotTerminated {
      if (most < 1) {
        throw new IllegalArgumentException("most: " + most);
      }
    }

    /** However large, and strict. */
    public DotTerminated() {
      this(Long.MAX_VALUE, false);
    }
  }

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

  /**
   * Ends after a number of octets that no backend gets: what follows a refused BDAT must be heard
   * out all the same (RFC 3030 §2). Nothing goes in front of it.
   *
   * @param count octets, 0 or more
   */
  record Discarded(long count) implements BodyFraming {
    public Discarded {
      if (count < 0) {
        throw new IllegalArgumentException("count: " + count);
      }
    }
  }
}
