package dev.postern.core.policy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A network in CIDR notation (RFC 4632, RFC 4291 §2.3). IPv4-mapped IPv6 addresses and networks are
 * taken as the IPv4 ones they stand for. An IPv6 network never contains an IPv4 address: {@code
 * ::/0} is all of IPv6 and nothing else.
 */
public final class Network {

  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  private final byte[] address;
  private final int prefix;

  private Network(byte[] address, int prefix) {
    this.address = masked(address, prefix);
    this.prefix = prefix;
  }

  /**
   * Reads a network, {@code 10.1.3.0/24} or {@code 2001:db8::/32}, or a single address. Bits beyond
   * the prefix are cleared.
   *
   * @return empty when the text is neither
   */
  public static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    byte[] octets = octets(slash < 0 ? text : text.substring(0, slash));
    if (octets.length == 0) {
      return Optional.empty();
    }
    int prefix = slash < 0 ? octets.length * 8 : prefix(text.substring(slash + 1));
    if (prefix < 0 || prefix > octets.length * 8) {
      return Optional.empty();
    }
    if (isMapped(octets) && prefix >= 96) {
      return Optional.of(new Network(unmapped(octets), prefix - 96));
    }
    return Optional.of(new Network(octets, prefix));
  }

  /** Says whether an address belongs to the network. */
  public boolean contains(InetAddress candidate) {
    byte[] octets = candidate.getAddress();
    if (isMapped(octets)) {
      octets = unmapped(octets);
    }
    return octets.length == address.length && Arrays.equals(masked(octets, prefix), address);
  }

  /** Returns the network's first address. */
  public InetAddress address() {
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // only for a wrong number of octets
    }
  }

  /** Returns the number of bits that addresses in the network share. */
  public int prefix() {
    return prefix;
  }

  // NetUtil, unlike InetAddress, never takes a text for a name to resolve.
  private static byte[] octets(String text) {
    byte[] octets = text.indexOf('%') < 0 ? NetUtil.createByteArrayFromIpAddressString(text) : null;
    return octets == null ? new byte[0] : octets;
  }

  private static int prefix(String digits) {
    int value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9 || i > 2) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return digits.isEmpty() ? -1 : value;
  }

  private static boolean isMapped(byte[] octets) {
    return octets.length == 16 && Arrays.equals(octets, 0, 12, MAPPED, 0, 12);
  }

  private static byte[] unmapped(byte[] octets) {
    return Arrays.copyOfRange(octets, 12, 16);
  }

  private static byte[] masked(byte[] octets, int prefix) {
    byte[] masked = octets.clone();
    for (int i = 0; i < masked.length; i++) {
      int bits = Math.clamp(prefix - i * 8L, 0, 8);
      masked[i] &= (byte) (0xff << (8 - bits));
    }
    return masked;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network n && n.prefix == prefix && Arrays.equals(n.address, address);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(address) * 31 + prefix;
  }

  @Override
  public String toString() {
    return NetUtil.toAddressString(address()) + "/" + prefix;
  }
}
