package dev.postern.imap;

import io.netty.buffer.ByteBuf;

/** Comparisons of octets in place. */
final class Octets {
  private Octets() {}

  /** What is known of octets that have come in part. */
  enum Match {
    /** They begin so. */
    YES,
    /** They begin otherwise. */
    NO,
    /** They are too few to tell. */
    OPEN
  }

  /**
   * Says whether the octets from an index on begin with a word in upper case, taken in any case.
   */
  static Match begin(ByteBuf in, int from, int end, byte[] word) {
    int known = Math.min(word.length, end - from);
    for (int i = 0; i < known; i++) {
      if (upper(in.getByte(from + i)) != word[i]) {
        return Match.NO;
      }
    }
    return known == word.length ? Match.YES : Match.OPEN;
  }

  /** Says whether octets are a word in upper case, taken in any case. */
  static boolean are(ByteBuf in, int from, int length, byte[] word) {
    return length == word.length && begin(in, from, from + length, word) == Match.YES;
  }

  /** Says whether octets are the same as the first ones of an array. */
  static boolean equal(ByteBuf in, int from, int length, byte[] other, int otherLength) {
    if (length != otherLength) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (in.getByte(from + i) != other[i]) {
        return false;
      }
    }
    return true;
  }

  static byte upper(byte octet) {
    return octet >= 'a' && octet <= 'z' ? (byte) (octet - 0x20) : octet;
  }
}
