package dev.postern.core.session;

import dev.postern.core.wire.Framer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * One end of a session: its channel, what it has sent and nobody has taken yet, and what was
 * written to it and not yet flushed.
 */
final class Peer {
  private final Channel channel;
  private final Framer framer = new Framer();
  private long received;
  private long sent;
  private boolean unflushed;

  Peer(Channel channel) {
    this.channel = channel;
  }

  Channel channel() {
    return channel;
  }

  Framer framer() {
    return framer;
  }

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  void feed(ByteBuf octets) {
    received += octets.readableBytes();
    framer.feed(channel.alloc(), octets);
  }

  /** Writes without flushing: one flush ends each turn of the event loop. */
  void write(ByteBuf octets) {
    int count = octets.readableBytes();
    if (count == 0) {
      octets.release();
      return;
    }
    sent += count;
    unflushed = true;
    channel.write(octets, channel.voidPromise());
  }

  void flush() {
    if (unflushed) {
      unflushed = false;
      channel.flush();
    }
  }

  /**
   * Says whether more may be written. What waits is flushed first, so that only octets that the
   * kernel did not take count.
   */
  boolean takesMore() {
    if (!channel.isWritable()) {
      flush();
    }
    return channel.isWritable();
  }

  /** Reads on, or not: the way a slow peer makes the other one wait. */
  void read(boolean on) {
    if (channel.config().isAutoRead() != on) {
      channel.config().setAutoRead(on);
    }
  }
}
