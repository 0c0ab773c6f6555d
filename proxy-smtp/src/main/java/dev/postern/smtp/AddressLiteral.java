package dev.postern.smtp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Network addresses as mail writes them: shortest form of IPv6 (RFC 5952), tagged where the
 * protocol says so.
 */
final class AddressLiteral {
  private static final int GROUPS = 8;

  private AddressLiteral() {}

  /**
   * Returns an address in brackets (RFC 5321 §4.1.3): {@code [192.0.2.4]}, {@code
   * [IPv6:2001:db8::7]}.
   */
  static String bracketed(InetAddress address) {
    return address instanceof Inet4Address
        ? "[" + text(address.getAddress()) + "]"
        : "[IPv6:" + text(address.getAddress()) + "]";
  }

  /** Returns an address as XCLIENT writes it: {@code 192.0.2.4}, {@code IPV6:2001:db8::7}. */
  static String xclient(InetAddress address) {
    String text = text(address.getAddress());
    return address instanceof Inet4Address ? text : "IPV6:" + text;
  }

  /**
   * Returns the address with everything behind the network's bits zero: /24 of IPv4, /48 of IPv6.
   */
  static String bracketedNetwork(InetAddress address) {
    byte[] octets = address.getAddress();
    int kept = octets.length == 4 ? 3 : 6;
    Arrays.fill(octets, kept, octets.length, (byte) 0);
    return octets.length == 4 ? "[" + text(octets) + "]" : "[IPv6:" + text(octets) + "]";
  }

  private static String text(byte[] octets) {
    StringBuilder out = new StringBuilder(39);
    if (octets.length == 4) {
      for (int i = 0; i < 4; i++) {
        out.append(i == 0 ? "" : ".").append(octets[i] & 0xff);
      }
      return out.toString();
    }
    int gap = -1;
    int gapLength = 1;
    for (int i = 0; i < GROUPS; i++) {
      int n = 0;
      while (i + n < GROUPS && group(octets, i + n) == 0) {
        n++;
      }
      if (n > gapLength) {
        gap = i;
        gapLength = n;
      }
      i += n;
    }
    for (int i = 0; i < GROUPS; i++) {
      if (i == gap) {
        out.append("::");
        i += gapLength - 1;
      } else {
        out.append(i == 0 || (gap >= 0 && i == gap + gapLength) ? "" : ":")
            .append(Integer.toHexString(group(octets, i)));
      }
    }
    return out.toString();
  }

  private static int group(byte[] octets, int i) {
    return ((octets[2 * i] & 0xff) << Byte.SIZE) | (octets[2 * i + 1] & 0xff);
  }
}
