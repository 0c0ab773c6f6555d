package dev.postern.core.upstream;

import dev.postern.core.config.HostPort;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address of a backend: how many connections the proxy holds to it, and whether the last try
 * failed. Thread-safe.
 */
final class Endpoint {
  private static final long AVOIDED_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final InetSocketAddress address;
  private final AtomicInteger sessions = new AtomicInteger();
  private volatile boolean failed;
  private volatile long failedAt;

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

  /** Says whether the last connection tried came to nothing. */
  boolean failed() {
    return failed;
  }

  /** Says whether it has failed so recently that another address should be tried before. */
  boolean isAvoided() {
    return failed && System.nanoTime() - failedAt < AVOIDED_NANOS;
  }

  void greeted(Channel channel) {
    failed = false;
    sessions.incrementAndGet();
    channel.closeFuture().addListener(closed -> sessions.decrementAndGet());
  }

  void fail() {
    failedAt = System.nanoTime();
    failed = true;
  }
}
