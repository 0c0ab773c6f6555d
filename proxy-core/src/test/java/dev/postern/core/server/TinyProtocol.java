package dev.postern.core.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Set;

/**
 * The smallest protocol that uses every effect: {@code STARTTLS}, {@code USER name} (decide,
 * connect, then everything passes), {@code BODY name} (decide, connect, then a dot-terminated
 * body), {@code ASK name authzid mechanism} (decide), {@code NAP} (pause), {@code MASTER}, {@code
 * QUIT}.
 */
final class TinyProtocol implements MailProtocol {

  @Override
  public ProtocolInfo info() {
    return new ProtocolInfo(
        "tiny",
        List.of(
            new ProtocolInfo.Service("tinys", 1, TlsMode.IMPLICIT),
            new ProtocolInfo.Service("tiny", 2, TlsMode.STARTTLS)),
        Set.of("tiny"),
        Set.of(BackendProfile.values()),
        new BackendOffer(List.of("assumed"), false, List.of()));
  }

  @Override
  public Dialogue open(SessionFacts facts, Terms terms) {
    return new Tiny(facts);
  }

  @Override
  public Probe probe(BackendProfile profile, Terms terms) {
    return line ->
        line.toString(UTF_8).equals("hello")
            ? new Probe.Step.Send("what\r\n")
            : new Probe.Step.Learned(
                new BackendOffer(List.of(line.toString(UTF_8)), true, List.of()), "bye\r\n");
  }

  private static final class Tiny implements Dialogue {
    private final SessionFacts facts;
    private String user = "";
    private boolean body;
    private boolean asking;
    private boolean relaying;

    Tiny(SessionFacts facts) {
      this.facts = facts;
    }

    @Override
    public List<Effect> on(Signal signal) {
      return switch (signal) {
        case Signal.Ready r ->
            List.of(
                Effect.reply(
                    "hello tls=%s login=%s starttls=%s offer=%s\r\n"
                        .formatted(
                            r.tls().isPresent(),
                            r.loginPossible(),
                            facts.startTls(),
                            facts.offer().capabilities())),
                Effect.READ_LINE);
        case Signal.Refused r -> bye("refused " + r.limit().label(), EndReason.LIMIT);
        case Signal.ClientTls t -> List.of(Effect.READ_LINE);
        case Signal.ClientLine l -> command(l.line().toString(UTF_8));
        case Signal.ClientOctets o -> List.of();
        case Signal.ClientViolation v ->
            bye("violation " + v.violation().label(), EndReason.VIOLATION);
        case Signal.Decided d ->
            d.decision() instanceof Decision.Deny deny
                ? List.of(
                    Effect.reply("denied " + deny.reason().label() + "\r\n"), Effect.READ_LINE)
                : asking
                    ? List.of(Effect.reply("yes\r\n"), Effect.READ_LINE)
                    : List.of(new Effect.Connect(user));
        case Signal.BackendConnected c -> List.of();
        case Signal.BackendLine l -> backend(l.line().toString(UTF_8));
        case Signal.BackendLost l ->
            relaying
                ? bye("gone", EndReason.BACKEND_CLOSED)
                : List.of(Effect.reply("lost " + l.loss().label() + "\r\n"), Effect.READ_LINE);
        case Signal.BodyDone d ->
            List.of(Effect.reply(d.outcome() + "\r\n"), Effect.LEAVE_BACKEND, Effect.READ_LINE);
        case Signal.ClientUnit u -> List.of();
        case Signal.BackendUnit u -> List.of();
        case Signal.Resumed r -> List.of(Effect.reply("awake\r\n"), Effect.READ_LINE);
        case Signal.TimedOut t -> bye("timeout " + t.limit().label(), EndReason.TIMEOUT);
        case Signal.Shutdown s -> bye("shutdown", EndReason.SHUTDOWN);
      };
    }

    private List<Effect> command(String line) {
      if (line.equals("STARTTLS")) {
        return List.of(new Effect.UpgradeClientTls(Unpooled.copiedBuffer("go\r\n", UTF_8)));
      }
      if (line.equals("MASTER")) {
        String master = facts.master().map(m -> m.name() + " " + m.password().length()).orElse("-");
        return List.of(
            Effect.reply("master " + master + " preauth=" + facts.preauth() + "\r\n"),
            Effect.READ_LINE);
      }
      if (line.equals("NAP")) {
        return List.of(Effect.PAUSE);
      }
      if (line.equals("QUIT")) {
        return bye("bye", EndReason.LOGOUT);
      }
      if (line.equals("CRASH hunter2")) {
        throw new IllegalStateException(line);
      }
      asking = line.startsWith("ASK ");
      if (asking) {
        String[] words = line.split(" ");
        return List.of(new Effect.Decide(words[1], words[2], words[3]));
      }
      if (line.startsWith("USER ") || line.startsWith("BODY ")) {
        user = line.substring(5);
        body = line.startsWith("BODY ");
        return List.of(new Effect.Decide(user, "USER"));
      }
      return List.of(Effect.reply("what? " + line + "\r\n"), Effect.READ_LINE);
    }

    private List<Effect> backend(String line) {
      Effect in = new Effect.Emit(new SessionEvent.LoginEnded(user, "USER", LoginOutcome.SUCCESS));
      if (body) {
        return List.of(
            in,
            new Effect.StreamBody(
                first -> Unpooled.copiedBuffer("prefix\r\n", UTF_8),
                new BodyFraming.DotTerminated()));
      }
      relaying = true;
      return List.of(
          in, Effect.reply("in after " + line + "\r\n"), new Effect.PassThrough(new All()));
    }

    private static List<Effect> bye(String words, EndReason reason) {
      return List.of(Effect.reply(words + "\r\n"), new Effect.Close(reason));
    }
  }

  /** Passes everything; always at a boundary. */
  private static final class All implements Relay {
    private static final Direction ALL =
        new Direction() {
          @Override
          public int pass(ByteBuf in) {
            return in.readableBytes();
          }

          @Override
          public int unit(ByteBuf in) {
            return 0;
          }
        };

    @Override
    public Direction fromClient() {
      return ALL;
    }

    @Override
    public Direction fromBackend() {
      return ALL;
    }

    @Override
    public boolean atCommandBoundary() {
      return true;
    }
  }
}
