package dev.postern.core.session;

import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.Framer;
import dev.postern.core.wire.Relay;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Moves octets between the two peers of a session, as far as they are asked for. What the dialogue
 * must see becomes a signal; all else passes as slices of what was read.
 *
 * <p>Writes wait for {@link #flush}, so that a turn of the event loop costs one system call a peer.
 * A peer that does not take what is written to it makes the other one wait: the other one's channel
 * is no longer read.
 */
final class Flow {
  /**
   * Octets of the client that may wait unread by the dialogue before its channel is no longer read.
   */
  private static final int HELD = 2 * Relay.LONGEST_UNIT;

  private static final int LONGEST_BACKEND_LINE = 64 * 1024;

  /** What the flow tells of. Any of it may end the session. */
  interface Listener {
    /** Something that the dialogue must see. */
    void on(Signal signal);

    /** The client's octets make no line. */
    void onClientViolation(WireViolation violation);

    /** The backend's octets make no line. */
    void onBackendViolation();

    /** A relayed direction can be followed no longer. */
    void onFramingLost(boolean ofClient);

    /** Something went wrong that should not be possible. */
    void onDefect(RuntimeException defect);

    /** Says whether the session has ended, so that nothing more is to be moved. */
    boolean isOver();
  }

  private enum Demand {
    NOTHING,
    LINE,
    OCTETS,
    BODY,
    RELAY,
    OPAQUE
  }

  private final Peer client;
  private final int longestLine;
  private final Listener listener;
  private Demand demand = Demand.NOTHING;
  private int octetsAsked;
  private @Nullable Peer backend;
  private @Nullable Relay relay;
  private @Nullable BodyStream body;
  private @Nullable BodyPrefix prefix;
  private boolean pumping;

  Flow(Peer client, int longestLine, Listener listener) {
    this.client = client;
    this.longestLine = longestLine;
    this.listener = listener;
  }

  // ---- what is asked for

  void readLine() {
    demand = Demand.LINE;
  }

  void readOctets(int count) {
    demand = Demand.OCTETS;
    octetsAsked = count;
  }

  /**
   * Streams a body; what goes in front of it waits for its first octets, and goes out with them.
   */
  void streamBody(BodyPrefix before, BodyFraming framing) {
    prefix = before;
    body = new BodyStream(framing);
    demand = Demand.BODY;
  }

  void passThrough(Relay follower) {
    relay = follower;
    demand = Demand.RELAY;
  }

  void relayOpaque() {
    relay = null;
    demand = Demand.OPAQUE;
  }

  void readNothing() {
    demand = Demand.NOTHING;
  }

  boolean isRelaying() {
    return relay != null;
  }

  /**
   * Says whether the proxy may speak to the client now without breaking into a command or a
   * response.
   */
  boolean isAtCommandBoundary() {
    return relay != null && relay.atCommandBoundary() && client.framer().readable() == 0;
  }

  // ---- the backend comes and goes

  void attach(Channel channel) {
    backend = new Peer(channel);
  }

  boolean isBackend(Channel channel) {
    return backend != null && backend.channel().equals(channel);
  }

  /** Closes the connection to the backend; what was written to it goes out first. */
  void leaveBackend() {
    Peer left = backend;
    if (left != null) {
      backend = null;
      left.flush();
      left.framer().clear();
      Departure.close(left.channel());
    }
  }

  // ---- octets in

  void fromClient(ByteBuf octets) {
    client.feed(octets);
    pump();
  }

  /** Takes what a backend sent; one that was left before is no longer heard. */
  void fromBackend(Channel channel, ByteBuf octets) {
    Peer from = backend;
    if (from == null || !from.channel().equals(channel)) {
      octets.release();
      return;
    }
    from.feed(octets);
    pump();
  }

  // ---- octets out

  void toClient(ByteBuf octets) {
    client.write(octets);
  }

  /** Writes to the backend; without one, nothing is written. */
  void toBackend(ByteBuf octets) {
    Peer to = backend;
    if (to == null) {
      octets.release();
    } else {
      to.write(octets);
    }
  }

  void flush() {
    client.flush();
    if (backend != null) {
      backend.flush();
    }
  }

  /** Moves all that can be moved now. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!listener.isOver() && step()) {
        // each step has taken something
      }
    } catch (RuntimeException defect) {
      listener.onDefect(defect);
    } finally {
      pumping = false;
    }
    if (listener.isOver()) {
      client.framer().clear();
      return;
    }
    client.framer().tidy();
    if (backend != null) {
      backend.framer().tidy();
    }
    throttle();
  }

  /** Stops for good. */
  void stop() {
    demand = Demand.NOTHING;
    prefix = null;
    body = null;
    relay = null;
    leaveBackend();
    client.flush();
    if (!pumping) {
      client.framer().clear();
    }
  }

  /** Reads each peer only as long as the other one takes what is written to it. */
  void throttle() {
    Peer to = backend;
    boolean clientTakesMore = client.takesMore();
    client.read(
        client.framer().readable() < heldOfClient()
            && clientTakesMore
            && (to == null || to.takesMore()));
    if (to != null) {
      to.read(to.framer().readable() < LONGEST_BACKEND_LINE && clientTakesMore);
    }
  }

  /** Room for whatever has been asked for; what is asked for is bounded by the limits. */
  private int heldOfClient() {
    return Math.max(HELD, Math.max(longestLine, demand == Demand.OCTETS ? octetsAsked : 0));
  }

  private boolean step() {
    boolean taken = stepClient();
    return stepBackend() || taken;
  }

  private boolean stepClient() {
    return switch (demand) {
      case NOTHING -> false;
      // a client that does not read its replies is not listened to
      case LINE -> client.takesMore() && stepLine();
      case OCTETS -> client.takesMore() && stepOctets();
      case BODY -> stepBody();
      case RELAY ->
          backend != null
              && relay != null
              && stepRelay(client, backend, relay.fromClient(), Signal.ClientUnit::new);
      case OPAQUE -> backend != null && stepOpaque(client, backend);
    };
  }

  private boolean stepLine() {
    Framer framer = client.framer();
    int length = framer.lineLength(longestLine);
    if (length == Framer.INCOMPLETE) {
      return false;
    }
    demand = Demand.NOTHING;
    WireViolation violation = framer.violation();
    if (violation != null) {
      listener.onClientViolation(violation);
      return false;
    }
    listener.on(new Signal.ClientLine(framer.takeLine(length)));
    return true;
  }

  private boolean stepOctets() {
    if (client.framer().readable() < octetsAsked) {
      return false;
    }
    demand = Demand.NOTHING;
    listener.on(new Signal.ClientOctets(client.framer().take(octetsAsked)));
    return true;
  }

  private boolean stepBody() {
    BodyStream stream = body;
    if (stream == null) {
      return false;
    }
    Framer framer = client.framer();
    ByteBuf in = framer.peek();
    int first = prefix == null ? BodyPrefix.NO_OCTET : stream.first(in);
    if (first == BodyStream.UNKNOWN) {
      return false;
    }
    int n = stream.advance(in);
    BodyOutcome outcome = stream.outcome();
    if (stream.isTooLarge()) {
      // the backend must not take what it has for a message
      prefix = null;
      leaveBackend();
      stream.drop(framer, n);
    } else if (stream.isDiscarded()) {
      prefix = null;
      stream.drop(framer, n);
    } else {
      if (n > 0 || outcome != null) {
        writePrefix(n > 0 ? first : BodyPrefix.NO_OCTET);
      }
      if (stream.owesCr()) {
        toBackend(client.channel().alloc().directBuffer(1).writeByte('\r'));
      }
      if (n > 0) {
        toBackend(stream.take(framer, n));
      }
    }
    if (outcome == null) {
      return false;
    }
    stream.release();
    demand = Demand.NOTHING;
    body = null;
    listener.on(new Signal.BodyDone(outcome));
    return true;
  }

  private void writePrefix(int first) {
    BodyPrefix before = prefix;
    if (before != null) {
      prefix = null;
      toBackend(before.before(first));
    }
  }

  private boolean stepBackend() {
    Peer from = backend;
    if (from == null || from.framer().readable() == 0) {
      return false;
    }
    if (demand == Demand.OPAQUE) {
      return stepOpaque(from, client);
    }
    if (relay != null) {
      return stepRelay(from, client, relay.fromBackend(), Signal.BackendUnit::new);
    }
    Framer framer = from.framer();
    int length = framer.lineLength(LONGEST_BACKEND_LINE);
    if (length == Framer.INCOMPLETE) {
      return false;
    }
    if (length == Framer.VIOLATED) {
      listener.onBackendViolation();
      return true;
    }
    listener.on(new Signal.BackendLine(framer.takeLine(length)));
    return true;
  }

  private boolean stepRelay(
      Peer from, Peer to, Relay.Direction direction, Function<ByteBuf, Signal> lifted) {
    ByteBuf in = from.framer().peek();
    if (!in.isReadable()) {
      return false;
    }
    int n = direction.pass(in);
    if (n > 0) {
      to.write(from.framer().takeRetained(n));
      return true;
    }
    int unit = direction.unit(in);
    if (unit > 0) {
      listener.on(lifted.apply(from.framer().take(unit)));
      return true;
    }
    if (unit < 0) {
      listener.onFramingLost(from.equals(client));
    }
    return false;
  }

  private static boolean stepOpaque(Peer from, Peer to) {
    int n = from.framer().readable();
    if (n == 0) {
      return false;
    }
    to.write(from.framer().takeRetained(n));
    return true;
  }
}
