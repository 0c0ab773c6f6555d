package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.sasl.Secret;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A session after login, its two directions driven as the contract of {@link Relay} says. */
final class LoggedIn implements AutoCloseable {
  final StringBuilder toBackend = new StringBuilder();
  final StringBuilder toClient = new StringBuilder();
  private final Dialogue dialogue = new Pop3Protocol().open(facts(BackendProfile.PLAIN), terms());
  private final ByteBuf fromClient = Unpooled.buffer();
  private final ByteBuf fromBackend = Unpooled.buffer();
  private Relay relay;
  private String ended = "";

  LoggedIn() {
    signal(new Signal.Ready(Optional.empty(), true));
    line(Signal.ClientLine::new, "AUTH PLAIN AGFsaWNlAHNlY3JldA==");
    signal(new Signal.Decided(new Decision.Allow("default")));
    signal(new Signal.BackendConnected());
    line(Signal.BackendLine::new, "+OK ready");
    line(Signal.BackendLine::new, "+OK in");
    toBackend.setLength(0);
    toClient.setLength(0);
  }

  static Terms terms() {
    return new Terms(
        "mail.example.org",
        Optional.empty(),
        new DeepStatus(List.of("tls12"), Optional.empty()),
        Limits.DEFAULT,
        TraceSettings.DEFAULT);
  }

  static SessionFacts facts(BackendProfile profile) {
    return new SessionFacts(
        "01JD0000000000000000000000",
        "pop3",
        TlsMode.STARTTLS,
        true,
        new InetSocketAddress("192.0.2.4", 4711),
        new InetSocketAddress("198.51.100.1", 110),
        profile,
        new BackendOffer(List.of("TOP", "SASL PLAIN"), true, List.of()),
        Optional.of(new MasterUser("proxy", Secret.copyOf(new byte[] {'p'}))),
        true);
  }

  LoggedIn client(String octets) {
    fromClient.writeCharSequence(octets, ISO_8859_1);
    drain(relay.fromClient(), fromClient, toBackend, Signal.ClientUnit::new);
    return this;
  }

  LoggedIn backend(String octets) {
    fromBackend.writeCharSequence(octets, ISO_8859_1);
    drain(relay.fromBackend(), fromBackend, toClient, Signal.BackendUnit::new);
    // What the client has sent may have waited for this.
    drain(relay.fromClient(), fromClient, toBackend, Signal.ClientUnit::new);
    return this;
  }

  LoggedIn signal(Signal signal) {
    for (Effect e : dialogue.on(signal)) {
      switch (e) {
        case Effect.Reply r -> append(toClient, r.octets());
        case Effect.ToBackend b -> append(toBackend, b.octets());
        case Effect.PassThrough p -> relay = p.relay();
        case Effect.Close c -> ended = c.reason().label();
        default -> {}
      }
    }
    return this;
  }

  boolean atCommandBoundary() {
    return relay.atCommandBoundary();
  }

  /**
   * Why the session ended: a reason's label, {@code malformed} when the relay lost the framing, or
   * nothing.
   */
  String ended() {
    return ended;
  }

  private void drain(
      Relay.Direction direction, ByteBuf in, StringBuilder out, Function<ByteBuf, Signal> lifted) {
    while (in.isReadable() && ended.isEmpty()) {
      int before = in.readerIndex();
      int n = direction.pass(in);
      require(n >= 0 && n <= in.readableBytes() && in.readerIndex() == before, "pass: " + n);
      out.append(in.readCharSequence(n, ISO_8859_1));
      if (!in.isReadable()) {
        break;
      }
      int u = direction.unit(in);
      require(u >= -1 && u <= in.readableBytes(), "unit: " + u);
      if (u == 0) {
        break;
      }
      if (u < 0) {
        ended = "malformed";
        break;
      }
      signal(lifted.apply(in.readSlice(u)));
    }
    in.discardReadBytes();
  }

  private static void require(boolean kept, String what) {
    if (!kept) {
      throw new AssertionError(what);
    }
  }

  private void line(Function<ByteBuf, Signal> kind, String line) {
    signal(kind.apply(Unpooled.copiedBuffer(line, ISO_8859_1)));
  }

  private static void append(StringBuilder out, ByteBuf octets) {
    out.append(octets.toString(ISO_8859_1));
    octets.release();
  }

  @Override
  public void close() {
    fromClient.release();
    fromBackend.release();
  }
}
