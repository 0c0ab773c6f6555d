package dev.postern.core.session;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.upstream.Connector;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one session: what happens on its two channels becomes signals, and the dialogue's effects
 * are carried out.
 *
 * <pre>
 *   client channel ──▶ onClientRead ──▶ ┌──────┐ signal ┌──────────┐ effects
 *                                       │ Flow │ ─────▶ │ Dialogue │ ──────▶ perform
 *   backend channel ─▶ onBackendRead ─▶ └──────┘        └──────────┘            │
 *                                         ▲ └─ slices straight to the peer      │
 *                                         └──────── write, read, relay ◀────────┘
 * </pre>
 *
 * <p>All methods but {@link #loop} are called on the session's event loop. Writes are flushed once:
 * when a read is complete, or at the end of what was no read.
 */
public final class SessionDriver {
  private static final Logger log = LoggerFactory.getLogger(SessionDriver.class);

  private final Entrance entrance;
  private final @Nullable Limit refusal;
  private final Peer client;
  private final EventLoop loop;
  private final Flow flow;
  private final Admission admission;
  private final Deadlines deadlines;
  private final ClientTls tls;
  private final Dialogue dialogue;
  private final long started = System.nanoTime();
  private SessionContext context;
  private @Nullable Signal next;
  private @Nullable String user;
  private boolean admitted;
  private boolean greeted;
  private boolean draining;
  private boolean ended;

  private SessionDriver(
      Channel channel, Endpoints ends, Entrance entrance, @Nullable Limit refusal) {
    this.entrance = entrance;
    this.refusal = refusal;
    this.client = new Peer(channel);
    this.loop = channel.eventLoop();
    this.flow = new Flow(client, limits().lineLength(), new FlowListener());
    this.admission = new Admission(entrance.snapshot(), loop);
    this.deadlines = new Deadlines(loop, limits(), this::onDeadline);
    this.tls = new ClientTls(entrance, ends.client().getAddress(), deadlines);
    this.context =
        new SessionContext(
            SessionId.next(),
            entrance.service().name(),
            entrance.listener(),
            entrance.service().mode(),
            ends.client(),
            ends.local(),
            Optional.empty());
    this.dialogue = entrance.protocol().open(facts(), entrance.snapshot().terms());
  }

  private SessionFacts facts() {
    return new SessionFacts(
        context.session(),
        context.service(),
        context.mode(),
        context.mode() == TlsMode.STARTTLS && entrance.tls() != null,
        context.client(),
        context.local(),
        entrance.backend().profile(),
        entrance.backend().offer(),
        entrance.master(),
        entrance.preauth() && context.mode() == TlsMode.IMPLICIT);
  }

  /**
   * Begins a session on an accepted channel.
   *
   * @param channel registered, with an empty pipeline
   * @param ends who is connected to what
   * @param entrance what the listener gives it, with a reference to its TLS, which becomes the
   *     session's
   * @param refusal the limit for which the client is turned away instead of greeted; null to serve
   *     it
   */
  public static SessionDriver begin(
      Channel channel, Endpoints ends, Entrance entrance, @Nullable Limit refusal) {
    SessionDriver driver = new SessionDriver(channel, ends, entrance, refusal);
    ServerTls tls = entrance.tls();
    if (tls != null && entrance.service().mode() == TlsMode.IMPLICIT) {
      channel.pipeline().addLast(tls.newHandler());
    }
    channel.pipeline().addLast(new ClientHandler(driver));
    return driver;
  }

  /**
   * Closes an accepted channel without a word.
   *
   * @param ends who is connected to what
   * @param entrance with a reference to its TLS, which is given back
   * @param why a limit that was reached, for instance
   * @param reason the same, for the end of the session that was none
   */
  public static void drop(
      Channel channel, Endpoints ends, Entrance entrance, SessionEvent why, EndReason reason) {
    SessionDriver driver = new SessionDriver(channel, ends, entrance, null);
    driver.emit(new SessionEvent.Started());
    driver.emit(why);
    driver.end(reason);
  }

  /** Returns the event loop that the session lives on. */
  public EventLoop loop() {
    return loop;
  }

  // ---- what happens on the client's channel

  void onClientConnected() {
    emit(new SessionEvent.Started());
    if (context.mode() == TlsMode.STARTTLS) {
      deadlines.connected();
      greet();
      settle();
    } else {
      deadlines.connectedForHandshake(Objects.requireNonNull(entrance.tls()).handshakeDeadline());
      mayHandshake();
    }
  }

  /** Begins a handshake, or ends the session when its address has too many in progress. */
  private boolean mayHandshake() {
    boolean may = tls.begin();
    if (!may) {
      emit(new SessionEvent.LimitReached(Limit.HANDSHAKES_PER_ADDRESS));
      end(EndReason.LIMIT);
      // at once: what still comes must not begin one after all
      client.channel().close();
    }
    return may;
  }

  void onClientHello(ClientHello offered) {
    tls.offered(offered);
  }

  void onHandshake() {
    if (ended) {
      return;
    }
    TlsFacts facts;
    try {
      facts = tls.done(client.channel().pipeline().get(SslHandler.class));
    } catch (SSLPeerUnverifiedException e) {
      onHandshakeFailed(e);
      return;
    }
    context = context.secured(facts);
    emit(new SessionEvent.TlsEstablished(facts));
    if (greeted) {
      deliver(new Signal.ClientTls(facts, admission.possible(context)));
    } else {
      greet();
    }
    settle();
  }

  private void greet() {
    greeted = true;
    if (refusal == null) {
      deliver(new Signal.Ready(context.tls(), admission.possible(context)));
    } else {
      emit(new SessionEvent.LimitReached(refusal));
      deliver(new Signal.Refused(refusal));
    }
  }

  void onHandshakeFailed(Throwable cause) {
    handshakeFailed(tls.failed(cause));
  }

  private void handshakeFailed(SessionEvent.TlsFailed failure) {
    if (!ended) {
      emit(failure);
      end(EndReason.TLS_FAILED);
    }
  }

  void onClientRead(ByteBuf octets) {
    if (ended) {
      octets.release();
      return;
    }
    deadlines.clientTraffic();
    flow.fromClient(octets);
    if (!admitted && !ended && taken() > limits().preLoginOctets()) {
      emit(new SessionEvent.LimitReached(Limit.PRE_LOGIN_OCTETS));
      violated(WireViolation.TOO_MANY_OCTETS);
    }
  }

  /** What has come of the client but for what waits: that may be for after the login. */
  private long taken() {
    return client.received() - client.framer().readable();
  }

  void onReadComplete() {
    drainAtBoundary();
    flow.flush();
  }

  void onClientWritable() {
    // commands may have waited until their replies could be written
    settle();
  }

  void onClientCloseNotify() {
    tls.closed();
    end(EndReason.CLIENT_CLOSED);
  }

  void onClientGone() {
    if (tls.isShakingHands()) {
      handshakeFailed(tls.failed(TlsFailure.CLOSED));
    } else {
      end(tls.isTruncated() ? EndReason.CLIENT_TRUNCATED : EndReason.CLIENT_CLOSED);
    }
  }

  void onClientFailure(Throwable cause) {
    // the cause may quote octets of the client's: its class is all that may be told
    log.debug("session={} client_failure={}", context.session(), cause.getClass().getName());
    if (tls.isShakingHands()) {
      onHandshakeFailed(cause);
    } else {
      end(EndReason.CLIENT_RESET);
    }
  }

  // ---- what happens on the backend's channel

  void onBackendRead(Channel channel, ByteBuf octets) {
    deadlines.backendTraffic();
    flow.fromBackend(channel, octets);
  }

  void onBackendWritable(Channel channel) {
    if (flow.isBackend(channel)) {
      flow.throttle();
      flow.flush();
    }
  }

  void onBackendGone(Channel channel, BackendLoss loss) {
    if (flow.isBackend(channel)) {
      loseBackend(loss);
      settle();
    }
  }

  private void loseBackend(BackendLoss loss) {
    flow.leaveBackend();
    if (loss != BackendLoss.CLOSED) {
      emit(new SessionEvent.BackendFailed(loss));
    }
    deliver(new Signal.BackendLost(loss));
  }

  // ---- what the flow tells of

  private final class FlowListener implements Flow.Listener {
    @Override
    public void on(Signal signal) {
      deliver(signal);
    }

    @Override
    public void onClientViolation(WireViolation violation) {
      if (violation == WireViolation.LINE_TOO_LONG) {
        emit(new SessionEvent.LimitReached(Limit.LINE_LENGTH));
      }
      violated(violation);
    }

    @Override
    public void onBackendViolation() {
      loseBackend(BackendLoss.PROTOCOL);
    }

    @Override
    public void onFramingLost(boolean ofClient) {
      if (ofClient) {
        emit(new SessionEvent.Violated(WireViolation.MALFORMED));
        end(EndReason.VIOLATION);
      } else {
        emit(new SessionEvent.BackendFailed(BackendLoss.PROTOCOL));
        end(EndReason.BACKEND_FAILED);
      }
    }

    @Override
    public void onDefect(RuntimeException defect) {
      defect(defect);
    }

    @Override
    public boolean isOver() {
      return ended;
    }
  }

  /** The framing towards the client is lost: the dialogue may say so, then the session is over. */
  private void violated(WireViolation violation) {
    flow.readNothing();
    deliver(new Signal.ClientViolation(violation));
    end(EndReason.VIOLATION);
  }

  // ---- what happens by itself

  private void onDeadline(Limit limit) {
    if (ended) {
      return;
    }
    emit(new SessionEvent.LimitReached(limit));
    if (tls.isShakingHands()) {
      handshakeFailed(tls.failed(TlsFailure.TIMEOUT));
    } else if (greeted) {
      deliver(new Signal.TimedOut(limit));
    }
    end(EndReason.TIMEOUT);
  }

  /** Asks the session to end at its next command boundary. */
  public void shutDown() {
    if (ended) {
      return;
    }
    if (!greeted) {
      end(EndReason.SHUTDOWN);
    } else if (flow.isRelaying()) {
      draining = true;
      drainAtBoundary();
    } else {
      deliver(new Signal.Shutdown());
    }
    settle();
  }

  private void drainAtBoundary() {
    if (draining && !ended && flow.isAtCommandBoundary()) {
      draining = false;
      deliver(new Signal.Shutdown());
    }
  }

  /** Ends the session where it is. */
  public void stop() {
    end(EndReason.SHUTDOWN);
  }

  // ---- signals in, effects out

  /** Delivers a signal that did not come from a read. */
  private void signal(Signal signal) {
    if (!ended) {
      deliver(signal);
      settle();
    }
  }

  /** After something that was no read: takes what waits, then flushes. */
  private void settle() {
    if (!ended) {
      flow.pump();
      flow.flush();
    }
  }

  private void deliver(Signal signal) {
    try {
      for (Signal now = signal; now != null && !ended; now = takeNext()) {
        perform(dialogue.on(now));
      }
    } catch (RuntimeException defect) {
      defect(defect);
    }
  }

  /** Ends the session; the defect's message may quote what the client sent, so it is not told. */
  private void defect(RuntimeException defect) {
    StackTraceElement[] trace = defect.getStackTrace();
    log.error(
        "session={} defect={} at={}",
        context.session(),
        defect.getClass().getName(),
        trace.length > 0 ? trace[0] : "unknown");
    end(EndReason.INTERNAL);
  }

  private @Nullable Signal takeNext() {
    Signal taken = next;
    next = null;
    return taken;
  }

  private void follow(Signal signal) {
    if (next != null) {
      throw new IllegalStateException("two effects of one turn have an immediate answer");
    }
    next = signal;
  }

  private void perform(List<Effect> effects) {
    int done = 0;
    try {
      while (done < effects.size() && !ended) {
        perform(effects.get(done++));
      }
    } finally {
      while (done < effects.size()) {
        discard(effects.get(done++));
      }
    }
  }

  /** Gives back what an effect holds that comes too late. */
  private static void discard(Effect effect) {
    switch (effect) {
      case Effect.Reply reply -> reply.octets().release();
      case Effect.ToBackend words -> words.octets().release();
      case Effect.UpgradeClientTls upgrade -> upgrade.reply().release();
      default -> {}
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Reply reply -> flow.toClient(reply.octets());
      case Effect.ToBackend words -> flow.toBackend(words.octets());
      case Effect.ReadLine line -> flow.readLine();
      case Effect.ReadOctets octets -> flow.readOctets(octets.count());
      case Effect.UpgradeClientTls upgrade -> upgradeClientTls(upgrade.reply());
      case Effect.Decide ask -> decide(ask);
      case Effect.DecideWithoutLogin ask ->
          follow(new Signal.Decided(admission.decideWithoutLogin(context)));
      case Effect.Connect connect -> connect();
      case Effect.LeaveBackend leave -> flow.leaveBackend();
      case Effect.StreamBody stream -> flow.streamBody(stream.prefix(), stream.framing());
      case Effect.PassThrough through -> flow.passThrough(through.relay());
      case Effect.RelayOpaque opaque -> flow.relayOpaque();
      case Effect.IdleTimeout idle -> deadlines.idleTimeout(idle);
      case Effect.Pause pause -> pause();
      case Effect.Emit emit -> emit(emit.event());
      case Effect.Close close -> end(close.reason());
    }
  }

  /**
   * One turn of the event loop: what the dialogue knew it has already forgotten; the reply goes out
   * in clear, and whatever comes next can only be a handshake.
   */
  private void upgradeClientTls(ByteBuf reply) {
    ServerTls offered = entrance.tls();
    if (offered == null) {
      reply.release();
      throw new IllegalStateException("STARTTLS was taken up where it is not offered");
    }
    if (client.framer().readable() > 0) {
      reply.release();
      follow(new Signal.ClientViolation(WireViolation.PLAINTEXT_BEHIND_STARTTLS));
      return;
    }
    if (!mayHandshake()) {
      reply.release();
      return;
    }
    deadlines.handshakeBegun(offered.handshakeDeadline());
    client.write(reply);
    client.flush();
    client.channel().pipeline().addFirst(offered.newHandler());
  }

  private void decide(Effect.Decide ask) {
    // while the effects of one signal are carried out, the answer waits its turn
    boolean[] atOnce = {true};
    admission.decide(
        context,
        ask,
        decision -> {
          Signal answer = new Signal.Decided(decision);
          if (atOnce[0]) {
            follow(answer);
          } else {
            signal(answer);
          }
        });
    atOnce[0] = false;
  }

  private void connect() {
    long begun = System.nanoTime();
    entrance
        .backend()
        .connect(loop, () -> new BackendHandler(this), limits().backendDeadline())
        .addListener((Future<Channel> done) -> connected(done, begun));
  }

  private void connected(Future<Channel> done, long begun) {
    if (ended) {
      if (done.isSuccess()) {
        done.getNow().close();
      }
    } else if (done.isSuccess()) {
      Channel channel = done.getNow();
      flow.attach(channel);
      emit(new SessionEvent.BackendConnected(Connector.remote(channel), System.nanoTime() - begun));
      signal(new Signal.BackendConnected());
    } else {
      BackendLoss loss = Connector.loss(done.cause());
      emit(new SessionEvent.BackendFailed(loss));
      signal(new Signal.BackendLost(loss));
    }
  }

  private void pause() {
    long millis =
        entrance
            .failures()
            .penalty(context.client().getAddress(), limits().failedLoginDelay())
            .toMillis();
    loop.schedule(() -> signal(new Signal.Resumed()), millis, TimeUnit.MILLISECONDS);
  }

  private void emit(SessionEvent event) {
    if (event instanceof SessionEvent.LoginEnded login && login.outcome() == LoginOutcome.SUCCESS) {
      user = login.user();
      admitted = true;
      deadlines.loggedIn();
    } else if (event instanceof SessionEvent.LoginWaived) {
      // what follows is mail, for which the limits before a login are not made
      admitted = true;
      deadlines.loggedIn();
    }
    entrance.events().accept(context, event);
  }

  // ---- the end

  private void end(EndReason reason) {
    if (ended) {
      return;
    }
    ended = true;
    deadlines.cancel();
    flow.stop();
    if (tls.leave()) {
      // nothing that was written could go out, and nothing was said that must not be lost
      client.channel().close();
    } else {
      depart(reason);
    }
    dialogue.cutOff().forEach(this::emit);
    emit(
        new SessionEvent.Ended(
            reason,
            System.nanoTime() - started,
            client.received(),
            client.sent(),
            Optional.ofNullable(user)));
    tls.release();
  }

  private void depart(EndReason reason) {
    switch (reason) {
      case VIOLATION, LIMIT, SHUTDOWN, TIMEOUT, BACKEND_FAILED, BACKEND_CLOSED ->
          Departure.linger(client.channel());
      default -> Departure.close(client.channel());
    }
  }

  private Limits limits() {
    return entrance.snapshot().terms().limits();
  }
}
