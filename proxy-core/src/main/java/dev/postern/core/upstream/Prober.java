package dev.postern.core.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.protocol.Probe;
import dev.postern.core.wire.Framer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.UnknownHostException;
import java.nio.CharBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is known of one backend fresh: asks it at the start, again every minute, and every few
 * seconds while it does not answer. Lives on one event loop.
 */
public final class Prober implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Prober.class);
  private static final Duration FRESH = Duration.ofSeconds(60);
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final int LONGEST_LINE = 65_536;

  private final Backend backend;
  private final Supplier<Probe> probes;
  private final EventLoop loop;
  private final Duration deadline;
  private final Duration retry;
  private @Nullable ScheduledFuture<?> next;
  private boolean closed;
  private String lastSaid = "";

  /**
   * Makes a prober that has not begun.
   *
   * @param probes makes a fresh conversation for each time
   * @param deadline time for one conversation
   */
  public Prober(Backend backend, Supplier<Probe> probes, EventLoop loop, Duration deadline) {
    this(backend, probes, loop, deadline, RETRY);
  }

  Prober(
      Backend backend, Supplier<Probe> probes, EventLoop loop, Duration deadline, Duration retry) {
    this.backend = backend;
    this.probes = probes;
    this.loop = loop;
    this.deadline = deadline;
    this.retry = retry;
  }

  /** Asks now, and from then on by itself. */
  public void start() {
    loop.execute(this::ask);
  }

  private void ask() {
    if (closed) {
      return;
    }
    backend
        .connect(loop, () -> new Conversation(probes.get()), deadline)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                failed(
                    reason(done.cause())
                        + "; logins are answered as unavailable until it is mended");
              }
            });
  }

  private static String reason(Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return "its name does not resolve";
    }
    return switch (Connector.loss(cause)) {
      case TIMEOUT -> "does not answer in time";
      case CLOSED, RESET -> "closes the connection before it greets";
      case UNREACHABLE, PROTOCOL -> "refuses connections or cannot be reached";
    };
  }

  private void learned(Probe.Step.Learned learned) {
    backend.learned(learned.offer());
    say(String.join("; ", learned.offer().warnings()), learned.offer().capabilities().toString());
    schedule(FRESH);
  }

  private void failed(String reason) {
    say(reason, "");
    schedule(retry);
  }

  private void schedule(Duration wait) {
    if (next != null) {
      next.cancel(false);
    }
    if (!closed) {
      next = loop.schedule(this::ask, wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Logs a state once, not every time it is found again. */
  private void say(String warning, String offer) {
    String now = warning + offer;
    if (now.equals(lastSaid)) {
      return;
    }
    lastSaid = now;
    String protocol = backend.settings().protocol();
    if (!warning.isEmpty()) {
      log.warn(
          "backend={} addresses={} warning={}",
          protocol,
          backend.settings().addresses(),
          quoted(warning));
    }
    if (!offer.isEmpty()) {
      log.info(
          "backend={} addresses={} offers={}", protocol, backend.settings().addresses(), offer);
    }
  }

  /** A value of the log's, whatever a backend has put into it. */
  private static String quoted(String text) {
    return '"' + text.replace('"', '\'').replaceAll("\\p{Cntrl}", "?") + '"';
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          if (next != null) {
            next.cancel(false);
          }
        });
  }

  /** One connection, from greeting to goodbye. */
  private final class Conversation extends ChannelInboundHandlerAdapter {
    private final Probe probe;
    private final Framer framer = new Framer();
    private boolean heard;
    private boolean over;

    Conversation(Probe probe) {
      this.probe = probe;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.channel()
          .eventLoop()
          .schedule(
              () -> end(ctx.channel(), "did not answer in time"),
              deadline.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      heard = true;
      framer.feed(ctx.alloc(), (ByteBuf) msg);
      int length;
      while (!over && (length = framer.lineLength(LONGEST_LINE)) != Framer.INCOMPLETE) {
        if (length == Framer.VIOLATED) {
          end(ctx.channel(), "does not speak the protocol; is the address right?");
        } else {
          ByteBuf line = framer.take(length);
          framer.skip(2);
          perform(ctx, probe.on(line));
        }
      }
      framer.tidy();
    }

    private void perform(ChannelHandlerContext ctx, Probe.Step step) {
      switch (step) {
        case Probe.Step.More more -> {}
        case Probe.Step.Send send -> write(ctx, send.lines());
        case Probe.Step.Learned learned -> {
          over = true;
          learned(learned);
          write(ctx, learned.goodbye());
          ctx.close();
        }
        case Probe.Step.Failed failed -> end(ctx.channel(), failed.reason());
      }
    }

    private static void write(ChannelHandlerContext ctx, String lines) {
      ctx.writeAndFlush(ByteBufUtil.encodeString(ctx.alloc(), CharBuffer.wrap(lines), UTF_8));
    }

    /**
     * Before the backend has said anything, it is the attempt to connect that fails, and says so.
     */
    private void end(Channel channel, String reason) {
      if (!over) {
        over = true;
        channel.close();
        if (heard) {
          failed(reason);
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      framer.clear();
      end(ctx.channel(), "closed the connection before it said what it offers");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end(ctx.channel(), "broke the connection");
    }
  }
}
