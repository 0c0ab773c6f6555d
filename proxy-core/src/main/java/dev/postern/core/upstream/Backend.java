package dev.postern.core.upstream;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.config.BackendSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * The servers behind the proxy for one protocol, as they are now. Thread-safe; sessions of all
 * event loops share it.
 *
 * <p>A connection goes to the address with the fewest of the proxy's sessions; one that has just
 * failed comes last. When it cannot be made, the next address is tried: nothing has been said to a
 * backend at that point, so nothing can be said twice.
 */
public final class Backend {
  private final BackendSettings settings;
  private final Connector connector;
  private final List<Endpoint> endpoints;
  private volatile BackendOffer offer;

  /**
   * Makes a backend that has not been asked yet.
   *
   * @param assumed what it is taken to offer until it answers
   */
  public Backend(BackendSettings settings, BackendOffer assumed, Connector connector) {
    this.settings = settings;
    this.connector = connector;
    this.endpoints = settings.addresses().stream().map(Endpoint::new).toList();
    this.offer =
        settings.capabilities().isEmpty()
            ? assumed
            : new BackendOffer(settings.capabilities(), true, List.of());
  }

  /** Returns where it is and what kind of server. */
  public BackendSettings settings() {
    return settings;
  }

  /** Returns the kind of server. */
  public BackendProfile profile() {
    return settings.profile();
  }

  /** Returns what it is known to offer now. */
  public BackendOffer offer() {
    return offer;
  }

  /**
   * Takes what it has just said it offers; the configuration's own list, where there is one, stays
   * in force.
   */
  public void learned(BackendOffer now) {
    offer =
        settings.capabilities().isEmpty()
            ? now
            : new BackendOffer(settings.capabilities(), true, now.warnings());
  }

  /** Says whether at least one of its addresses took the last connection tried. */
  public boolean isReachable() {
    return endpoints.stream().anyMatch(e -> !e.failed());
  }

  /**
   * Connects to the best address, or the next best.
   *
   * @param loop the event loop that the channel will live on
   * @param handlers makes the one handler of a channel; asked anew for each address tried
   * @param deadline time for each address to be connected, and again to greet
   * @return completes on the loop when the backend has begun to speak; what it says follows
   */
  public Future<Channel> connect(
      EventLoop loop, Supplier<? extends ChannelHandler> handlers, Duration deadline) {
    List<Endpoint> order = new ArrayList<>(endpoints);
    if (order.size() > 1) {
      // sampled once: the counters move while a sort compares
      order =
          endpoints.stream()
              .map(e -> new Load(e, e.isAvoided(), e.sessions()))
              .sorted(Comparator.comparing(Load::avoided).thenComparingInt(Load::sessions))
              .map(Load::endpoint)
              .toList();
    }
    Promise<Channel> result = loop.newPromise();
    attempt(loop, handlers, deadline, order, 0, result);
    return result;
  }

  private record Load(Endpoint endpoint, boolean avoided, int sessions) {}

  private void attempt(
      EventLoop loop,
      Supplier<? extends ChannelHandler> handlers,
      Duration deadline,
      List<Endpoint> order,
      int index,
      Promise<Channel> result) {
    Endpoint endpoint = order.get(index);
    Promise<Void> spoken = loop.newPromise();
    ChannelHandler handler = handlers.get();
    ChannelFuture connecting =
        connector.connect(
            loop,
            endpoint.address(),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Greeting(spoken, deadline), handler);
              }
            },
            deadline);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            spoken.tryFailure(done.cause());
          }
        });
    spoken.addListener(
        done -> {
          Channel channel = connecting.channel();
          if (done.isSuccess()) {
            endpoint.greeted(channel);
            result.setSuccess(channel);
            return;
          }
          endpoint.fail();
          channel.close();
          if (index + 1 < order.size()) {
            attempt(loop, handlers, deadline, order, index + 1, result);
          } else {
            result.setFailure(done.cause());
          }
        });
  }
}
