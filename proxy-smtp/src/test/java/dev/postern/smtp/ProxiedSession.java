package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.DotScanner;
import dev.postern.core.wire.Framer;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A session through the dialogue to a {@link ReferenceServer}, with the smallest driver that will
 * do: no channel, no loop. Backend lines wait until they are asked for, so that a test decides how
 * the two sides interleave.
 */
final class ProxiedSession {
  private enum Demand {
    NOTHING,
    LINE,
    BODY
  }

  private final Dialogue dialogue;
  private final ReferenceServer backend;
  private final Framer client = new Framer();
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> backendLines = new ArrayDeque<>();
  private final Deque<Signal> signals = new ArrayDeque<>();
  private final List<SessionEvent.Submitted> submitted = new ArrayList<>();
  private Demand demand = Demand.NOTHING;
  private @Nullable DotScanner scanner;
  private long count;
  private long passed;
  private BodyPrefix prefix = BodyPrefix.NONE;
  private boolean discarded;
  private boolean connected;
  private boolean over;

  ProxiedSession(ReferenceServer backend, Limits limits) {
    this.backend = backend;
    this.dialogue =
        new SubmissionProtocol()
            .open(
                new SessionFacts(
                    "01JD0000000000000000000000",
                    "submission",
                    TlsMode.STARTTLS,
                    false,
                    new InetSocketAddress("192.0.2.4", 4711),
                    new InetSocketAddress("198.51.100.1", 587),
                    BackendProfile.PLAIN,
                    new BackendOffer(ReferenceServer.EXTENSIONS, true, List.of())),
                new Terms(
                    "mail.example.org",
                    Optional.empty(),
                    DeepStatus.NONE,
                    limits,
                    TraceSettings.DEFAULT));
    on(new Signal.Ready(Optional.empty(), true));
  }

  /** What the client sends. */
  void send(String octets) {
    if (!over && !octets.isEmpty()) {
      client.feed(UnpooledByteBufAllocator.DEFAULT, Unpooled.copiedBuffer(octets, ISO_8859_1));
      pump();
    }
  }

  /** Delivers the backend's next line; says whether there was one. */
  boolean hear() {
    String line = backendLines.poll();
    if (line == null || !connected || over) {
      return false;
    }
    hear(line);
    return true;
  }

  private void heard() {
    if (backendLines.isEmpty()) {
      backend.heard();
    }
  }

  /** Returns the backend's next line and forgets it; null when there is none. */
  @Nullable String intercept() {
    return connected ? backendLines.poll() : null;
  }

  void hear(String line) {
    heard();
    with(line + "\r\n", b -> new Signal.BackendLine(b.writerIndex(b.writerIndex() - 2)));
    pump();
  }

  void loseBackend() {
    if (connected && !over) {
      connected = false;
      on(new Signal.BackendLost(BackendLoss.CLOSED));
      pump();
    }
  }

  void timeOut() {
    if (!over) {
      on(new Signal.TimedOut(Limit.IDLE_TIMEOUT));
    }
  }

  String said() {
    String said = out.toString();
    out.setLength(0);
    return said;
  }

  boolean isOver() {
    return over;
  }

  List<SessionEvent.Submitted> submitted() {
    return submitted;
  }

  private void pump() {
    while (!over && step()) {
      // each step has taken something
    }
    client.tidy();
    if (over) {
      client.clear();
    }
  }

  private boolean step() {
    return switch (demand) {
      case NOTHING -> false;
      case LINE -> {
        int length = client.lineLength(8192);
        if (length == Framer.INCOMPLETE) {
          yield false;
        }
        demand = Demand.NOTHING;
        WireViolation violation = client.violation();
        on(
            violation == null
                ? new Signal.ClientLine(client.takeLine(length))
                : new Signal.ClientViolation(violation));
        yield true;
      }
      case BODY -> body();
    };
  }

  private boolean body() {
    ByteBuf in = client.peek();
    boolean begins = scanner != null && !prefix.equals(BodyPrefix.NONE);
    if (begins && in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '.') {
      return false;
    }
    int first = in.isReadable() ? in.getByte(in.readerIndex()) : BodyPrefix.NO_OCTET;
    DotScanner dots = scanner;
    if (begins && first == '.') {
      first = in.getByte(in.readerIndex() + 1);
    }
    int n = dots == null ? (int) Math.min(count - passed, in.readableBytes()) : 0;
    String held = dots != null && dots.holdsCr() ? "\r" : "";
    if (dots != null && in.isReadable()) {
      n = dots.scan(in);
    }
    passed += n;
    String octets = n == 0 ? "" : held + client.take(n).toString(ISO_8859_1);
    if (dots != null && dots.holdsCr() && n > 0) {
      octets = octets.substring(0, octets.length() - 1);
    }
    boolean done = dots == null ? passed == count : dots.isDone();
    boolean violated = dots != null && dots.violation() != null;
    if ((n > 0 || done) && !discarded) {
      toBackend(text(prefix.before(n > 0 ? first : BodyPrefix.NO_OCTET)) + octets);
      prefix = BodyPrefix.NONE;
    }
    if (!done && !violated) {
      return false;
    }
    demand = Demand.NOTHING;
    on(
        new Signal.BodyDone(
            violated
                ? new BodyOutcome.Violated(dots.violation(), passed)
                : new BodyOutcome.Complete(dots == null ? passed : passed - 3)));
    return true;
  }

  private void with(String octets, Function<ByteBuf, Signal> signal) {
    ByteBuf b = Unpooled.copiedBuffer(octets, ISO_8859_1);
    try {
      on(signal.apply(b));
    } finally {
      b.release();
    }
  }

  private void on(Signal signal) {
    signals.add(signal);
    for (Signal now = signals.poll(); now != null && !over; now = signals.poll()) {
      for (Effect effect : dialogue.on(now)) {
        perform(effect);
      }
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Reply r -> out.append(text(r.octets()));
      case Effect.ToBackend b -> toBackend(text(b.octets()));
      case Effect.ReadLine r -> demand = Demand.LINE;
      case Effect.Decide d -> signals.add(new Signal.Decided(new Decision.Allow("default")));
      case Effect.DecideWithoutLogin d ->
          signals.add(new Signal.Decided(new Decision.Deny("default", DenialReason.RULE)));
      case Effect.Connect c -> {
        connected = true;
        signals.add(new Signal.BackendConnected());
        listen();
      }
      case Effect.LeaveBackend l -> connected = false;
      case Effect.StreamBody s -> {
        prefix = s.prefix();
        passed = 0;
        demand = Demand.BODY;
        scanner = s.framing() instanceof BodyFraming.DotTerminated ? new DotScanner() : null;
        discarded = s.framing() instanceof BodyFraming.Discarded;
        count =
            switch (s.framing()) {
              case BodyFraming.DotTerminated d -> 0;
              case BodyFraming.Counted c -> c.count();
              case BodyFraming.Discarded d -> d.count();
            };
      }
      case Effect.Emit e -> {
        if (e.event() instanceof SessionEvent.Submitted s) {
          submitted.add(s);
        }
      }
      case Effect.Close c -> over = true;
      default -> {}
    }
  }

  private void toBackend(String octets) {
    if (connected) {
      backend.send(octets);
      listen();
    }
  }

  private void listen() {
    for (String line : backend.said().split("\r\n")) {
      if (!line.isEmpty()) {
        backendLines.add(line);
      }
    }
  }

  private static String text(ByteBuf octets) {
    try {
      return octets.toString(ISO_8859_1);
    } finally {
      octets.release();
    }
  }
}
