package dev.postern.core.session;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What one subscriber is given: an IPv4 address, or the first 64 bits of an IPv6 one.
 *
 * @param ipv4 of which family
 * @param bits the address, or its first half
 */
public record ClientNetwork(boolean ipv4, long bits) {

  /** Returns the network of an address. */
  public static ClientNetwork of(InetAddress address) {
    ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
    return address instanceof Inet4Address
        ? new ClientNetwork(true, octets.getInt())
        : new ClientNetwork(false, octets.getLong());
  }
}
