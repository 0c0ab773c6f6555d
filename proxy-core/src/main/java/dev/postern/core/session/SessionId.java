package dev.postern.core.session;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Identifiers of sessions: 48 bits of milliseconds and 80 random bits in Crockford's base 32, 26
 * letters and digits. They sort by time and are an RFC 5321 Atom, so they fit a trace field as they
 * are.
 */
final class SessionId {
  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int TIME_DIGITS = 10;
  private static final int RANDOM_DIGITS = 8;

  private SessionId() {}

  static String next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    char[] out = new char[TIME_DIGITS + 2 * RANDOM_DIGITS];
    put(out, 0, TIME_DIGITS, System.currentTimeMillis());
    put(out, TIME_DIGITS, RANDOM_DIGITS, random.nextLong());
    put(out, TIME_DIGITS + RANDOM_DIGITS, RANDOM_DIGITS, random.nextLong());
    return new String(out);
  }

  private static void put(char[] out, int from, int digits, long value) {
    long rest = value;
    for (int i = from + digits - 1; i >= from; i--) {
      out[i] = DIGITS[(int) (rest & 31)];
      rest >>>= 5;
    }
  }
}
