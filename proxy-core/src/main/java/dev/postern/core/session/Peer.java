package dev.postern.core.session;

import dev.postern.core.wire.Framer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * One end of a session: its channel, what it has sent and nobody has taken yet, and what was
 * written to it and not yet flushed.
 */
final class Peer {
  /** Octets up to which a piece is small. */
  private static final int SMALL = 512;

  /** Octets that a buffer of small pieces has room for. */
  private static final int GATHERED = 2048;

  private final Channel channel;
  private final Framer framer = new Framer();
  private long received;
  private long sent;
  private boolean unflushed;
  private @Nullable ByteBuf small;
  private boolean gathered;

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

  /**
   * Writes without flushing: one flush ends each turn of the event loop. Small pieces of one turn
   * go out as one, since each buffer by itself costs more than copying a few dozen octets.
   */
  void write(ByteBuf octets) {
    int count = octets.readableBytes();
    if (count == 0) {
      octets.release();
      return;
    }
    sent += count;
    unflushed = true;
    ByteBuf before = small;
    if (count > SMALL) {
      writeSmall();
      channel.write(octets, channel.voidPromise());
    } else if (before == null) {
      small = octets;
    } else if (!gathered) {
      gather(before, octets);
    } else if (before.isWritable(count)) {
      before.writeBytes(octets);
      octets.release();
    } else {
      writeSmall();
      small = octets;
    }
  }

  private void gather(ByteBuf before, ByteBuf octets) {
    int size = before.readableBytes() + octets.readableBytes();
    small =
        channel
            .alloc()
            .directBuffer(Math.max(GATHERED, size))
            .writeBytes(before)
            .writeBytes(octets);
    gathered = true;
    before.release();
    octets.release();
  }

  private void writeSmall() {
    ByteBuf octets = small;
    if (octets != null) {
      small = null;
      gathered = false;
      channel.write(octets, channel.voidPromise());
    }
  }

  void flush() {
    if (unflushed) {
      unflushed = false;
      writeSmall();
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
