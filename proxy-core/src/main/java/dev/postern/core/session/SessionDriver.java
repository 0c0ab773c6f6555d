package dev.postern.core.session;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.PolicyInput;
import dev.postern.core.policy.UserFacts;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.upstream.Connector;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.Framer;
import dev.postern.core.wire.Relay;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one session: turns what happens on its two channels into signals, and the dialogue's effects
 * into what happens next.
 *
 * <pre>
 *   client channel ──▶ onClientRead  ──▶ framer ─┐                 ┌─▶ write to the client
 *                                                ├─ signal ─▶ dialogue ─ effects ─┤
 *   backend channel ─▶ onBackendRead ─▶ framer ─┘                 └─▶ write to the backend
 *                          └────────── relay: slices, past the dialogue ──────────▶
 * </pre>
 *
 * <p>All methods are called on the session's event loop. Writes are flushed once, when a read is
 * complete or when what happened was no read.
 */
public final class SessionDriver {
  private static final Logger log = LoggerFactory.getLogger(SessionDriver.class);

  /**
   * Octets of the client that may wait unread by the dialogue before its channel is no longer read.
   */
  private static final int HELD = 32 * 1024;

  private static final int LONGEST_BACKEND_LINE = 64 * 1024;
  private static final int LONGEST_UNIT = 64 * 1024;
  private static final long DIRECTORY_SECONDS = 5;

  /** What the client is read for. */
  private enum Demand {
    NOTHING,
    LINE,
    OCTETS,
    BODY,
    RELAY,
    OPAQUE
  }

  private final Entrance entrance;
  private final @Nullable Limit refusal;
  private final Peer client;
  private final EventLoop loop;
  private final Deadlines deadlines;
  private final long started = System.nanoTime();
  private final Dialogue dialogue;
  private SessionContext context;
  private Demand demand = Demand.NOTHING;
  private int octetsAsked;
  private @Nullable Peer backend;
  private @Nullable Relay relay;
  private @Nullable BodyStream body;
  private @Nullable Signal next;
  private @Nullable String user;
  private boolean greeted;
  private boolean pumping;
  private boolean draining;
  private boolean closeNotified;
  private boolean ended;

  private SessionDriver(Channel channel, Entrance entrance, @Nullable Limit refusal) {
    this.entrance = entrance;
    this.refusal = refusal;
    this.client = new Peer(channel);
    this.loop = channel.eventLoop();
    this.deadlines = new Deadlines(loop, limits(), this::onDeadline);
    InetSocketAddress remote = Connector.remote(channel);
    InetSocketAddress local = (InetSocketAddress) channel.localAddress();
    String id = SessionId.next();
    TlsMode mode = entrance.service().mode();
    this.context =
        new SessionContext(
            id,
            entrance.service().name(),
            entrance.listener(),
            mode,
            remote,
            local,
            Optional.empty());
    this.dialogue =
        entrance
            .protocol()
            .open(
                new SessionFacts(
                    id,
                    entrance.service().name(),
                    mode,
                    mode == TlsMode.STARTTLS && entrance.tls() != null,
                    remote,
                    local,
                    entrance.backend().profile(),
                    entrance.backend().offer()),
                entrance.snapshot().terms());
  }

  /**
   * Begins a session on an accepted channel.
   *
   * @param channel registered, with an empty pipeline
   * @param entrance what the listener gives it; the session takes a reference to its TLS for as
   *     long as it lives
   * @param refusal the limit for which the client is turned away after the greeting; null to serve
   *     it
   */
  public static SessionDriver begin(Channel channel, Entrance entrance, @Nullable Limit refusal) {
    SessionDriver driver = new SessionDriver(channel, entrance, refusal);
    ServerTls tls = entrance.tls();
    if (tls != null) {
      tls.retain();
      if (entrance.service().mode() == TlsMode.IMPLICIT) {
        channel.pipeline().addLast(tls.newHandler(channel.alloc()));
      }
    }
    channel.pipeline().addLast(new ClientHandler(driver));
    return driver;
  }

  // ---- what happens on the client's channel

  void onClientConnected() {
    emit(new SessionEvent.Started());
    deadlines.connected();
    if (entrance.service().mode() == TlsMode.STARTTLS) {
      greet();
      settle();
    }
  }

  void onHandshake() {
    SslHandler handler = client.channel().pipeline().get(SslHandler.class);
    TlsFacts tls = ServerTls.facts(handler, entrance.service().mode());
    context =
        new SessionContext(
            context.session(),
            context.service(),
            context.listener(),
            context.mode(),
            context.client(),
            context.local(),
            Optional.of(tls));
    emit(new SessionEvent.TlsEstablished(tls));
    if (greeted) {
      deliver(new Signal.ClientTls(tls, loginPossible()));
    } else {
      greet();
    }
    settle();
  }

  private void greet() {
    greeted = true;
    deliver(refusal == null ? new Signal.Ready(context.tls(), loginPossible()) : refused(refusal));
  }

  private Signal refused(Limit limit) {
    emit(new SessionEvent.LimitReached(limit));
    return new Signal.Refused(limit);
  }

  void onHandshakeFailed(Throwable cause) {
    if (ended) {
      return;
    }
    TlsFailure reason = HandshakeFailures.classify(cause);
    emit(new SessionEvent.TlsFailed(reason));
    if (reason == TlsFailure.TIMEOUT) {
      emit(new SessionEvent.LimitReached(Limit.HANDSHAKE_DEADLINE));
    }
    end(EndReason.TLS_FAILED);
  }

  void onClientRead(ByteBuf octets) {
    if (ended) {
      octets.release();
      return;
    }
    deadlines.traffic();
    client.feed(octets);
    if (user == null && client.received() > limits().preLoginOctets()) {
      emit(new SessionEvent.LimitReached(Limit.PRE_LOGIN_OCTETS));
      violated(WireViolation.TOO_MANY_OCTETS);
    }
    pump();
  }

  void onReadComplete() {
    flush();
  }

  void onClientWritable() {
    if (!ended) {
      throttle();
      flush();
    }
  }

  void onClientCloseNotify() {
    closeNotified = true;
    end(EndReason.CLIENT_CLOSED);
  }

  void onClientGone() {
    boolean clean = context.tls().isEmpty() || closeNotified;
    end(clean ? EndReason.CLIENT_CLOSED : EndReason.CLIENT_TRUNCATED);
  }

  void onClientFailure(Throwable cause) {
    // the cause may quote octets of the client's: its class is all that may be told
    log.debug("session={} client_failure={}", context.session(), cause.getClass().getName());
    end(EndReason.CLIENT_RESET);
  }

  // ---- what happens on the backend's channel

  void onBackendRead(Channel channel, ByteBuf octets) {
    Peer from = backend;
    if (from == null || !from.channel().equals(channel)) {
      octets.release();
      return;
    }
    deadlines.traffic();
    from.feed(octets);
    pump();
  }

  void onBackendWritable(Channel channel) {
    if (!ended && backend != null && backend.channel().equals(channel)) {
      throttle();
      flush();
    }
  }

  void onBackendGone(Channel channel, BackendLoss loss) {
    if (!ended && backend != null && backend.channel().equals(channel)) {
      loseBackend(loss);
      settle();
    }
  }

  private void loseBackend(BackendLoss loss) {
    leaveBackend();
    if (loss != BackendLoss.CLOSED) {
      emit(new SessionEvent.BackendFailed(loss));
    }
    deliver(new Signal.BackendLost(loss));
  }

  private void leaveBackend() {
    Peer left = backend;
    if (left != null) {
      backend = null;
      left.flush();
      left.framer().clear();
      left.channel().close();
    }
  }

  // ---- what happens by itself

  private void onDeadline(Limit limit) {
    if (ended) {
      return;
    }
    emit(new SessionEvent.LimitReached(limit));
    if (greeted) {
      deliver(new Signal.TimedOut(limit));
    }
    end(EndReason.TIMEOUT);
    flush();
  }

  /** Asks the session to end at its next command boundary. Called on the session's event loop. */
  public void shutDown() {
    if (ended) {
      return;
    }
    if (!greeted) {
      end(EndReason.SHUTDOWN);
    } else if (relay == null) {
      deliver(new Signal.Shutdown());
    } else {
      draining = true;
    }
    settle();
  }

  /** Ends the session where it is. Called on the session's event loop. */
  public void stop() {
    end(EndReason.SHUTDOWN);
  }

  /** Returns the event loop that the session lives on. */
  public EventLoop loop() {
    return loop;
  }

  private boolean atBoundary() {
    return relay != null && relay.atCommandBoundary() && client.framer().readable() == 0;
  }

  // ---- signals in, effects out

  private void signal(Signal signal) {
    if (!ended) {
      deliver(signal);
      settle();
    }
  }

  /** After something that was no read: take what waits, then flush. */
  private void settle() {
    pump();
    flush();
  }

  private void deliver(Signal signal) {
    try {
      for (Signal now = signal; now != null; now = takeNext()) {
        perform(dialogue.on(now));
      }
    } catch (RuntimeException defect) {
      // the message may quote what the client sent
      log.error(
          "session={} signal={} defect={} at={}",
          context.session(),
          signal.getClass().getSimpleName(),
          defect.getClass().getName(),
          defect.getStackTrace().length > 0 ? defect.getStackTrace()[0] : "unknown");
      end(EndReason.INTERNAL);
    }
  }

  private @Nullable Signal takeNext() {
    Signal taken = next;
    next = null;
    return taken;
  }

  private void perform(List<Effect> effects) {
    // indexed: no iterator for the common single effect
    for (int i = 0; i < effects.size(); i++) {
      perform(effects.get(i));
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Reply reply -> writeToClient(reply.octets());
      case Effect.ToBackend words -> writeToBackend(words.octets());
      case Effect.ReadLine line -> demand = Demand.LINE;
      case Effect.ReadOctets octets -> {
        demand = Demand.OCTETS;
        octetsAsked = octets.count();
      }
      case Effect.UpgradeClientTls upgrade -> upgradeClientTls(upgrade.reply());
      case Effect.Decide ask -> decide(ask);
      case Effect.Connect connect -> connect();
      case Effect.LeaveBackend leave -> leaveBackend();
      case Effect.StreamBody stream -> {
        writeToBackend(stream.prefix());
        body = new BodyStream(stream.framing());
        demand = Demand.BODY;
      }
      case Effect.PassThrough through -> {
        relay = through.relay();
        demand = Demand.RELAY;
      }
      case Effect.RelayOpaque opaque -> {
        relay = null;
        demand = Demand.OPAQUE;
      }
      case Effect.Pause pause ->
          loop.schedule(
              () -> signal(new Signal.Resumed()),
              limits().failedLoginDelay().toMillis(),
              TimeUnit.MILLISECONDS);
      case Effect.Emit emit -> emit(emit.event());
      case Effect.Close close -> end(close.reason());
    }
  }

  private void writeToClient(ByteBuf octets) {
    if (ended) {
      octets.release();
    } else {
      client.write(octets);
    }
  }

  private void writeToBackend(ByteBuf octets) {
    Peer to = backend;
    if (to == null) {
      octets.release();
    } else {
      to.write(octets);
    }
  }

  /**
   * One turn of the event loop: what the dialogue knew it has already forgotten; the reply goes out
   * in clear, and whatever comes next can only be a handshake.
   */
  private void upgradeClientTls(ByteBuf reply) {
    ServerTls tls = entrance.tls();
    if (client.framer().readable() > 0 || tls == null) {
      reply.release();
      next = new Signal.ClientViolation(WireViolation.PLAINTEXT_BEHIND_STARTTLS);
      return;
    }
    client.write(reply);
    client.flush();
    client.channel().pipeline().addFirst(tls.newHandler(client.channel().alloc()));
  }

  private void decide(Effect.Decide ask) {
    Policy policy = entrance.snapshot().policy();
    PolicyInput input =
        input(Optional.of(ask.user()), UserFacts.NONE, Optional.of(ask.mechanism()));
    if (!policy.needsDirectory(input)) {
      next = new Signal.Decided(policy.decide(input));
      return;
    }
    entrance
        .snapshot()
        .directory()
        .lookup(ask.user())
        .toCompletableFuture()
        .orTimeout(DIRECTORY_SECONDS, TimeUnit.SECONDS)
        .handle(
            (facts, failure) ->
                failure == null
                    ? policy.decide(input(input.user(), facts, input.mechanism()))
                    : unknown())
        .thenAccept(decision -> loop.execute(() -> signal(new Signal.Decided(decision))));
  }

  private static Decision unknown() {
    return new Decision.Deny("directory", DenialReason.DIRECTORY_UNAVAILABLE);
  }

  private boolean loginPossible() {
    return entrance
        .snapshot()
        .policy()
        .admitsSomeone(input(Optional.empty(), UserFacts.NONE, Optional.empty()));
  }

  private PolicyInput input(Optional<String> who, UserFacts facts, Optional<String> mechanism) {
    return new PolicyInput(
        context.service(),
        context.listener(),
        context.tls(),
        context.client().getAddress(),
        who,
        facts,
        mechanism,
        LocalDate.now(ZoneId.systemDefault()));
  }

  private void connect() {
    long begun = System.nanoTime();
    entrance
        .backend()
        .connect(loop, () -> new BackendHandler(this), limits().backendDeadline())
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                if (!ended) {
                  BackendLoss loss = Connector.loss(done.cause());
                  emit(new SessionEvent.BackendFailed(loss));
                  signal(new Signal.BackendLost(loss));
                }
                return;
              }
              Channel channel = (Channel) done.getNow();
              if (ended) {
                channel.close();
                return;
              }
              backend = new Peer(channel);
              emit(
                  new SessionEvent.BackendConnected(
                      Connector.remote(channel), System.nanoTime() - begun));
              signal(new Signal.BackendConnected());
            });
  }

  private void emit(SessionEvent event) {
    if (event instanceof SessionEvent.LoginEnded login && login.outcome() == LoginOutcome.SUCCESS) {
      user = login.user();
      deadlines.loggedIn();
    }
    entrance.events().accept(context, event);
  }

  // ---- moving octets

  /** Takes what waits, as long as something is asked for. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!ended && step()) {
        // each step has taken something
      }
    } finally {
      pumping = false;
    }
    if (ended) {
      client.framer().clear();
      return;
    }
    client.framer().tidy();
    if (backend != null) {
      backend.framer().tidy();
    }
    if (draining && atBoundary()) {
      draining = false;
      deliver(new Signal.Shutdown());
    }
    if (!ended) {
      throttle();
    }
  }

  private boolean step() {
    boolean taken = stepClient();
    return stepBackend() || taken;
  }

  /** A peer that does not take what is written to it makes the other one wait. */
  private void throttle() {
    Peer to = backend;
    client.read(client.framer().readable() < HELD && (to == null || to.takesMore()));
    if (to != null) {
      to.read(client.takesMore());
    }
  }

  private boolean stepClient() {
    Framer framer = client.framer();
    return switch (demand) {
      case NOTHING -> false;
      case LINE -> stepLine(framer);
      case OCTETS -> {
        if (framer.readable() < octetsAsked) {
          yield false;
        }
        demand = Demand.NOTHING;
        deliver(new Signal.ClientOctets(framer.take(octetsAsked)));
        yield true;
      }
      case BODY -> stepBody(framer);
      case RELAY ->
          backend != null
              && relay != null
              && stepRelay(client, backend, relay.fromClient(), Signal.ClientUnit::new);
      case OPAQUE -> backend != null && stepOpaque(client, backend);
    };
  }

  private boolean stepLine(Framer framer) {
    int length = framer.lineLength(limits().lineLength());
    if (length == Framer.INCOMPLETE) {
      return false;
    }
    if (length == Framer.VIOLATED) {
      WireViolation violation = framer.violation();
      if (violation == WireViolation.LINE_TOO_LONG) {
        emit(new SessionEvent.LimitReached(Limit.LINE_LENGTH));
      }
      violated(violation == null ? WireViolation.MALFORMED : violation);
      return false;
    }
    demand = Demand.NOTHING;
    ByteBuf line = framer.take(length);
    framer.skip(2);
    deliver(new Signal.ClientLine(line));
    return true;
  }

  /** The framing towards the client is lost: the dialogue may say so, then the session is over. */
  private void violated(WireViolation violation) {
    demand = Demand.NOTHING;
    deliver(new Signal.ClientViolation(violation));
    end(EndReason.VIOLATION);
  }

  private boolean stepBody(Framer framer) {
    BodyStream stream = body;
    if (stream == null) {
      return false;
    }
    int n = stream.advance(framer.peek());
    if (n > 0) {
      writeToBackend(framer.takeRetained(n));
    }
    BodyOutcome outcome = stream.outcome();
    if (outcome == null) {
      return false;
    }
    demand = Demand.NOTHING;
    body = null;
    deliver(new Signal.BodyDone(outcome));
    return true;
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
      loseBackend(BackendLoss.PROTOCOL);
      return true;
    }
    ByteBuf line = framer.take(length);
    framer.skip(2);
    deliver(new Signal.BackendLine(line));
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
      deliver(lifted.apply(from.framer().take(unit)));
      return true;
    }
    if (unit < 0 || in.readableBytes() > LONGEST_UNIT) {
      lostFraming(from);
    }
    return false;
  }

  private void lostFraming(Peer from) {
    if (from == client) {
      emit(new SessionEvent.Violated(WireViolation.MALFORMED));
      end(EndReason.VIOLATION);
    } else {
      emit(new SessionEvent.BackendFailed(BackendLoss.PROTOCOL));
      end(EndReason.BACKEND_FAILED);
    }
  }

  private static boolean stepOpaque(Peer from, Peer to) {
    int n = from.framer().readable();
    if (n == 0) {
      return false;
    }
    to.write(from.framer().takeRetained(n));
    return true;
  }

  private void flush() {
    client.flush();
    if (backend != null) {
      backend.flush();
    }
  }

  // ---- the end

  private void end(EndReason reason) {
    if (ended) {
      return;
    }
    ended = true;
    deadlines.cancel();
    leaveBackend();
    body = null;
    relay = null;
    if (!pumping) {
      client.framer().clear();
    }
    client.flush();
    switch (reason) {
      case VIOLATION, LIMIT, SHUTDOWN, TIMEOUT -> Departure.linger(client.channel());
      default -> Departure.close(client.channel());
    }
    emit(
        new SessionEvent.Ended(
            reason,
            System.nanoTime() - started,
            client.received(),
            client.sent(),
            Optional.ofNullable(user)));
    ServerTls tls = entrance.tls();
    if (tls != null) {
      tls.release();
    }
  }

  private Limits limits() {
    return entrance.snapshot().terms().limits();
  }
}
