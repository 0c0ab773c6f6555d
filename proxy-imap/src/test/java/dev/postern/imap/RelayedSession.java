package dev.postern.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
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

/**
 * A session after login: dialogue and relay as the driver puts them together, with strings for
 * channels.
 */
final class RelayedSession {
  private final StringBuilder toClient = new StringBuilder();
  private final StringBuilder toBackend = new StringBuilder();
  private final Dialogue dialogue;
  private ByteBuf fromClient = Unpooled.EMPTY_BUFFER;
  private ByteBuf fromBackend = Unpooled.EMPTY_BUFFER;
  private Relay relay;
  private String end = "";

  RelayedSession() {
    BackendOffer offer =
        new BackendOffer(List.of("IMAP4rev1", "AUTH=PLAIN", "SASL-IR", "ID"), true, List.of());
    dialogue =
        new ImapProtocol()
            .open(
                new SessionFacts(
                    "S",
                    "imap",
                    TlsMode.STARTTLS,
                    false,
                    new InetSocketAddress("192.0.2.1", 1),
                    new InetSocketAddress("192.0.2.2", 143),
                    BackendProfile.PLAIN,
                    offer),
                new Terms(
                    "mail.example.org",
                    Optional.empty(),
                    new DeepStatus(List.of("tls12"), Optional.empty()),
                    Limits.DEFAULT,
                    TraceSettings.DEFAULT));
    perform(dialogue.on(new Signal.Ready(Optional.empty(), true)));
    line("z LOGIN alice secret", Signal.ClientLine::new);
    perform(dialogue.on(new Signal.Decided(new Decision.Allow("default"))));
    perform(dialogue.on(new Signal.BackendConnected()));
    line("* OK ready", Signal.BackendLine::new);
    line("L OK Welcome", Signal.BackendLine::new);
    assertThat(relay).isNotNull();
    toClient.setLength(0);
    toBackend.setLength(0);
  }

  /** The client sends octets. */
  RelayedSession client(String octets) {
    fromClient = Unpooled.wrappedBuffer(fromClient, Unpooled.copiedBuffer(octets, ISO_8859_1));
    pump();
    return this;
  }

  /** The backend sends octets. */
  RelayedSession backend(String octets) {
    fromBackend = Unpooled.wrappedBuffer(fromBackend, Unpooled.copiedBuffer(octets, ISO_8859_1));
    pump();
    return this;
  }

  RelayedSession signal(Signal signal) {
    perform(dialogue.on(signal));
    return this;
  }

  String toClient() {
    return toClient.toString();
  }

  String toBackend() {
    return toBackend.toString();
  }

  /** Why the session has ended; empty while it goes on. */
  String end() {
    return end;
  }

  /** Octets of either peer that can neither pass nor be lifted out yet. */
  int waiting() {
    return Math.max(fromClient.readableBytes(), fromBackend.readableBytes());
  }

  boolean atCommandBoundary() {
    return relay.atCommandBoundary();
  }

  void release() {
    fromClient.release();
    fromBackend.release();
  }

  private void pump() {
    boolean moved = true;
    while (moved && end.isEmpty()) {
      moved = step(fromClient, toBackend, relay.fromClient(), Signal.ClientUnit::new);
      moved |=
          end.isEmpty()
              && step(fromBackend, toClient, relay.fromBackend(), Signal.BackendUnit::new);
    }
  }

  private boolean step(
      ByteBuf in, StringBuilder to, Relay.Direction direction, Function<ByteBuf, Signal> lifted) {
    if (!in.isReadable()) {
      return false;
    }
    int index = in.readerIndex();
    int n = direction.pass(in);
    assertThat(n).isBetween(0, in.readableBytes());
    assertThat(in.readerIndex()).isEqualTo(index);
    if (n > 0) {
      to.append(in.readCharSequence(n, ISO_8859_1));
      return true;
    }
    int unit = direction.unit(in);
    assertThat(unit).isBetween(-1, in.readableBytes());
    if (unit > 0) {
      perform(dialogue.on(lifted.apply(in.readSlice(unit))));
      return true;
    }
    if (unit < 0) {
      end = "lost";
    }
    return false;
  }

  private void line(String text, Function<ByteBuf, Signal> signal) {
    perform(dialogue.on(signal.apply(Unpooled.copiedBuffer(text, UTF_8))));
  }

  private void perform(List<Effect> effects) {
    for (Effect effect : effects) {
      switch (effect) {
        case Effect.Reply(ByteBuf octets) -> write(octets, toClient);
        case Effect.ToBackend(ByteBuf octets) -> write(octets, toBackend);
        case Effect.PassThrough(Relay follows) -> relay = follows;
        case Effect.Close close -> end = close.reason().label();
        default -> {}
      }
    }
  }

  private static void write(ByteBuf octets, StringBuilder to) {
    to.append(octets.toString(ISO_8859_1));
    octets.release();
  }
}
