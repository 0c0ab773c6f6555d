package dev.postern.core.session;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/**
 * Who is connected to what, as the client sees it.
 *
 * @param client the client's address and port
 * @param local the address and port that the client connected to
 */
public record Endpoints(InetSocketAddress client, InetSocketAddress local) {

  /** Returns those of a connection that no balancer has passed on. */
  public static Endpoints of(Channel channel) {
    return new Endpoints(
        (InetSocketAddress) channel.remoteAddress(), (InetSocketAddress) channel.localAddress());
  }
}
