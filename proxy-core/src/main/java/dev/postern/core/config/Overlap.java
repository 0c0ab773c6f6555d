package dev.postern.core.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Whether two listening sockets would be in each other's way. */
final class Overlap {
  private Overlap() {}

  /** Says whether the second of two sockets could not be bound. Port 0 is never in the way. */
  static boolean of(InetSocketAddress one, InetSocketAddress other) {
    return one.getPort() == other.getPort()
        && one.getPort() != 0
        && (one.getAddress().equals(other.getAddress())
            || covers(one.getAddress(), other.getAddress())
            || covers(other.getAddress(), one.getAddress()));
  }

  // The IPv6 wildcard takes IPv4 connections too; the IPv4 one does not take IPv6.
  private static boolean covers(InetAddress wildcard, InetAddress address) {
    return wildcard.isAnyLocalAddress()
        && (!(wildcard instanceof Inet4Address) || address instanceof Inet4Address);
  }
}
