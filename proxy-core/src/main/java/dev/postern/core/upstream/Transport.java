package dev.postern.core.upstream;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * How sockets are driven: the kernel's epoll where its library loads, the JDK's selector elsewhere.
 *
 * @param label {@code epoll} or {@code nio}, for the log
 */
public record Transport(
    String label,
    IoHandlerFactory ioHandler,
    Class<? extends ServerSocketChannel> serverChannel,
    Class<? extends SocketChannel> channel,
    Class<? extends DatagramChannel> datagramChannel) {

  /** Picks the best transport of this machine. */
  public static Transport best() {
    return Epoll.isAvailable()
        ? new Transport(
            "epoll",
            EpollIoHandler.newFactory(),
            EpollServerSocketChannel.class,
            EpollSocketChannel.class,
            EpollDatagramChannel.class)
        : new Transport(
            "nio",
            NioIoHandler.newFactory(),
            NioServerSocketChannel.class,
            NioSocketChannel.class,
            NioDatagramChannel.class);
  }

  /**
   * Starts event loops.
   *
   * @param threads number of loops
   * @param name prefix of the threads' names
   */
  public EventLoopGroup loops(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), ioHandler);
  }
}
