package dev.postern.core.upstream;

import dev.postern.core.config.HostPort;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address of a backend: how many connections the proxy holds to it, and whether the last try
 * failed. Thread-safe.
 */
final class Endpoint {
  private final InetSocketAddress address;
  private final AtomicInteger sessions = new AtomicInteger();
  private volatile boolean failing;

  Endpoint(HostPort at) {
    this.address = socketAddress(at);
  }

  private static InetSocketAddress socketAddress(HostPort at) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(at.host());
    if (literal == null) {
      return InetSocketAddress.createUnresolved(at.host(), at.port());
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(literal), at.port());
    } catch (UnknownHostException wrongLength) {
      throw new IllegalArgumentException(at.host(), wrongLength);
    }
  }

  InetSocketAddress address() {
    return address;
  }

  int sessions() {
    return sessions.get();
  }

  boolean failing() {
    return failing;
  }

  void connected(Channel channel) {
    failing = false;
    sessions.incrementAndGet();
    channel.closeFuture().addListener(closed -> sessions.decrementAndGet());
  }

  void failed() {
    failing = true;
  }
}
