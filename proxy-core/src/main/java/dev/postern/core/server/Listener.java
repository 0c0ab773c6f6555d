package dev.postern.core.server;

import dev.postern.core.config.ListenerSettings;
import dev.postern.core.event.Limit;
import dev.postern.core.session.Entrance;
import dev.postern.core.session.SessionDriver;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.upstream.Connector;
import dev.postern.core.upstream.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One listening socket. What it gives to new sessions can be exchanged while it listens. */
final class Listener {
  private static final int BACKLOG = 4096;

  /**
   * Connections above a limit that are still told so, as a share of the limit; the rest is closed
   * at once.
   */
  private static final int TOLD_SHARE = 10;

  private final ListenerSettings settings;
  private final ConnectionLimiter limiter;
  private final Set<SessionDriver> sessions;
  private volatile Entrance entrance;
  private @Nullable Channel channel;

  Listener(
      ListenerSettings settings,
      Entrance entrance,
      ConnectionLimiter limiter,
      Set<SessionDriver> sessions) {
    this.settings = settings;
    this.entrance = entrance;
    this.limiter = limiter;
    this.sessions = sessions;
  }

  ListenerSettings settings() {
    return settings;
  }

  Entrance entrance() {
    return entrance;
  }

  void enter(Entrance now) {
    entrance = now;
  }

  /** Returns the address in use, its port filled in. */
  InetSocketAddress address() {
    Channel bound = channel;
    return bound == null ? settings.address() : (InetSocketAddress) bound.localAddress();
  }

  void bind(Transport transport, EventLoopGroup acceptors, EventLoopGroup loops)
      throws StartException {
    ChannelFuture binding =
        new ServerBootstrap()
            .group(acceptors, loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Connector.WATER_MARK)
            .childOption(ChannelOption.RCVBUF_ALLOCATOR, Connector.READ_SIZES)
            .childHandler(new Accepted())
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new StartException(
          "listener %s cannot listen on %s: %s; is another server there, or a privilege missing?"
              .formatted(settings.name(), settings.address(), binding.cause().getMessage()),
          binding.cause());
    }
    channel = binding.channel();
  }

  void close() {
    Channel bound = channel;
    if (bound != null) {
      bound.close().awaitUninterruptibly();
    }
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel accepted) {
      Entrance now = entrance;
      Limits limits = now.snapshot().terms().limits();
      Optional<Limit> refusal =
          limiter.admit(accepted, Connector.remote(accepted).getAddress(), limits);
      if (refusal.isPresent()
          && limiter.open() > limits.connections() + limits.connections() / TOLD_SHARE + 1) {
        accepted.close();
        return;
      }
      SessionDriver session = SessionDriver.begin(accepted, now, refusal.orElse(null));
      sessions.add(session);
      accepted.closeFuture().addListener(closed -> sessions.remove(session));
    }
  }
}
