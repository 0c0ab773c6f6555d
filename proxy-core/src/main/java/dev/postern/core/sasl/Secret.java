package dev.postern.core.sasl;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Octets that must never be shown: a password, or a SASL response. Prints as asterisks wherever it
 * ends up.
 */
public final class Secret {
  private final byte[] octets;

  private Secret(byte[] octets) {
    this.octets = octets;
  }

  /** Takes a copy of a buffer's readable octets. */
  public static Secret copyOf(ByteBuf in) {
    return new Secret(ByteBufUtil.getBytes(in));
  }

  /** Takes a copy of an array. */
  public static Secret copyOf(byte[] in) {
    return new Secret(in.clone());
  }

  /** Returns a copy of the octets; who asks for them answers for where they go. */
  public byte[] reveal() {
    return octets.clone();
  }

  /** Returns the number of octets. */
  public int length() {
    return octets.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret s && MessageDigest.isEqual(octets, s.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return "***";
  }
}
