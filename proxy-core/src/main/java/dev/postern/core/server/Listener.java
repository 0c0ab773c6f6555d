package dev.postern.core.server;

import dev.postern.core.config.ListenerSettings;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.ProxyHeaderFailure;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Network;
import dev.postern.core.server.ConnectionLimiter.Admittance;
import dev.postern.core.session.Endpoints;
import dev.postern.core.session.Entrance;
import dev.postern.core.session.SessionDriver;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.upstream.Connector;
import dev.postern.core.upstream.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One listening socket. What it gives to new sessions can be exchanged while it listens. */
final class Listener {
  private static final int BACKLOG = 4096;

  private volatile ListenerSettings settings;
  private final ConnectionLimiter limiter;
  private final Sessions sessions;
  private volatile Entrance entrance;
  private @Nullable Channel channel;

  Listener(
      ListenerSettings settings, Entrance entrance, ConnectionLimiter limiter, Sessions sessions) {
    this.settings = settings;
    this.entrance = entrance;
    this.limiter = limiter;
    this.sessions = sessions;
  }

  ListenerSettings settings() {
    return settings;
  }

  /** Exchanges what new sessions get; the socket stays. */
  void enter(ListenerSettings as, Entrance now) {
    settings = as;
    entrance = now;
  }

  /** Returns the address in use, its port filled in. */
  InetSocketAddress address() {
    Channel bound = channel;
    return bound == null ? settings.address() : (InetSocketAddress) bound.localAddress();
  }

  void bind(Transport transport, EventLoopGroup loops) throws StartException {
    ChannelFuture binding =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Connector.WATER_MARK)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, Connector.READ_SIZES)
            .childHandler(new Accepted())
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new StartException(
          "listener %s cannot listen on %s: %s; is another server there, or another listener of this proxy (then stop and start it), or is a privilege missing?"
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

  /**
   * Returns what is in force, with a reference to its TLS for a new session; null when the listener
   * has been given up, and only the connection does not know yet.
   */
  @SuppressWarnings("ReferenceEquality") // whether it was exchanged, not whether it differs
  private @Nullable Entrance entered() {
    while (true) {
      Entrance now = entrance;
      ServerTls tls = now.tls();
      if (tls == null || tls.tryRetain()) {
        return now;
      }
      // what is exchanged is retired after the exchange: either another one is in force by now
      if (now == entrance) {
        return null;
      }
    }
  }

  private final class Accepted extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel accepted) {
      Endpoints ends = Endpoints.of(accepted);
      List<Network> balancers = settings.balancers();
      if (balancers.isEmpty()) {
        begin(accepted, ends);
      } else if (balancers.stream().anyMatch(b -> b.contains(ends.client().getAddress()))) {
        ProxyHeader.expect(
            accepted.pipeline(),
            ends,
            settings.mode() == TlsMode.IMPLICIT,
            limits(entrance).handshakeDeadline(),
            ofClient -> begin(accepted, ofClient),
            failure -> refuse(accepted, ends, failure));
      } else {
        refuse(accepted, ends, ProxyHeaderFailure.UNTRUSTED);
      }
    }
  }

  private void begin(Channel accepted, Endpoints ends) {
    Entrance now = entered();
    if (now == null) {
      accepted.close();
      return;
    }
    Admittance admittance =
        limiter.admit(accepted, ends.client().getAddress(), now.service().mode(), limits(now));
    switch (admittance) {
      case Admittance.Served served -> sessions.begin(accepted, ends, now, null);
      case Admittance.Told told -> sessions.begin(accepted, ends, now, told.limit());
      case Admittance.Dropped dropped ->
          SessionDriver.drop(
              accepted, ends, now, new SessionEvent.LimitReached(dropped.limit()), EndReason.LIMIT);
    }
  }

  private void refuse(Channel accepted, Endpoints ends, ProxyHeaderFailure failure) {
    Entrance now = entered();
    if (now == null) {
      accepted.close();
      return;
    }
    SessionDriver.drop(
        accepted, ends, now, new SessionEvent.ProxyHeaderRefused(failure), EndReason.VIOLATION);
  }

  private static Limits limits(Entrance of) {
    return of.snapshot().terms().limits();
  }
}
