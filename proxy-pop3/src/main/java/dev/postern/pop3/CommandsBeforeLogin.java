package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.sasl.SaslStep;
import dev.postern.core.sasl.Secret;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.wire.WireViolation;
import dev.postern.pop3.State.Authorization;
import dev.postern.pop3.State.AwaitingCommand;
import dev.postern.pop3.State.Client;
import dev.postern.pop3.State.ClosedDoor;
import dev.postern.pop3.State.Deciding;
import dev.postern.pop3.State.Exchange;
import dev.postern.pop3.State.Pausing;
import dev.postern.pop3.State.Upgrading;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Locale;
import java.util.Optional;

/** The commands of the AUTHORIZATION state (RFC 1939 §4, RFC 2449, RFC 2595 §4, RFC 5034). */
final class CommandsBeforeLogin {
  private final SessionFacts facts;
  private final Terms terms;
  private final Answers answers;
  private final Capabilities capabilities;

  CommandsBeforeLogin(SessionFacts facts, Terms terms, Answers answers, Capabilities capabilities) {
    this.facts = facts;
    this.terms = terms;
    this.answers = answers;
    this.capabilities = capabilities;
  }

  /** Takes a command line. */
  Turn command(AwaitingCommand from, ByteBuf line) {
    if (!from.client().spoken() && ForeignProtocol.speaks(line)) {
      return Turn.close(EndReason.VIOLATION)
          .after(new Effect.Emit(new SessionEvent.Violated(WireViolation.FOREIGN_PROTOCOL)));
    }
    AwaitingCommand s = from.with(from.client().withSpoken());
    int keywordEnd = Command.keywordEnd(line, line.readerIndex(), line.writerIndex());
    Command command = Command.of(line, line.readerIndex(), keywordEnd);
    Optional<ByteBuf> argument = behind(line, keywordEnd);
    return switch (command) {
      case CAPA -> Turn.answer(s, capa(s));
      case NOOP -> Turn.answer(s, Answers.OK);
      case QUIT -> Turn.close(EndReason.LOGOUT, Answers.GOODBYE);
      case STLS -> argument.isPresent() ? bad(s, Answers.NO_ARGUMENT) : stls(s);
      case USER, PASS, AUTH ->
          switch (s) {
            case ClosedDoor door ->
                Turn.answer(door, answers.loginImpossible(door.client().tls().isPresent()));
            case Authorization open ->
                switch (command) {
                  case USER -> user(open, argument);
                  case PASS -> pass(open, argument);
                  default -> auth(open, argument);
                };
          };
      case APOP, XCLIENT, UTF8, LANG -> bad(s, Answers.NOT_OFFERED);
      case LIST, RETR, TOP, UIDL -> bad(s, Answers.BEFORE_LOGIN);
      case OTHER, MALFORMED -> bad(s, Answers.UNKNOWN_COMMAND);
    };
  }

  /** Takes a response of the SASL exchange. */
  Turn response(Exchange s, ByteBuf line) {
    String user = s.next() instanceof SaslExchange.LoginPassword p ? p.user() : "";
    return exchanged(s.client(), s.mechanism(), user, s.next().on(line));
  }

  /** Returns what stands behind the space that ends a word. */
  private static Optional<ByteBuf> behind(ByteBuf line, int wordEnd) {
    int end = line.writerIndex();
    return wordEnd == end
        ? Optional.empty()
        : Optional.of(line.slice(wordEnd + 1, end - wordEnd - 1));
  }

  private String capa(AwaitingCommand s) {
    boolean stls = facts.startTls() && s.client().tls().isEmpty();
    return capabilities.beforeLogin(
        stls, s instanceof Authorization, external(s.client()).isPresent());
  }

  /**
   * Returns whom a client may be by EXTERNAL (CCO-4.2b): whom its certificate stands for, at a
   * backend where a master user can act for others. POP3 has no greeting that would log it in: it
   * asks, as RFC 2595 §4 and CCO-3.1 have it.
   */
  private Optional<String> external(Client client) {
    return facts.master().isPresent()
            && Capabilities.offersSasl(facts.offer().capabilities(), "PLAIN")
        ? SessionFacts.identity(client.tls()).filter(UserName::isName)
        : Optional.empty();
  }

  private Turn stls(AwaitingCommand s) {
    if (s.client().tls().isPresent()) {
      return bad(s, Answers.TLS_ACTIVE);
    }
    if (!facts.startTls()) {
      return bad(s, Answers.TLS_UNAVAILABLE);
    }
    return Turn.to(
        new Upgrading(s.client().badCommands(), false),
        new Effect.UpgradeClientTls(Unpooled.copiedBuffer(Answers.BEGIN_TLS, US_ASCII)));
  }

  private Turn user(Authorization s, Optional<ByteBuf> argument) {
    Optional<String> user = argument.flatMap(UserName::of);
    Authorization next = new Authorization(s.client(), user);
    return user.isPresent() ? Turn.answer(next, Answers.USER_TAKEN) : bad(next, Answers.BAD_USER);
  }

  private Turn pass(Authorization s, Optional<ByteBuf> argument) {
    if (s.user().isEmpty()) {
      return bad(s, Answers.USER_FIRST);
    }
    if (argument.isEmpty() || !argument.get().isReadable()) {
      return bad(s, Answers.NO_PASSWORD);
    }
    Secret password = Secret.copyOf(argument.get());
    return decide(s.client(), new Credentials("USER", "", s.user().get(), password));
  }

  private Turn auth(Authorization s, Optional<ByteBuf> argument) {
    Optional<String> identity = external(s.client());
    if (argument.isEmpty()) {
      return Turn.answer(s, Answers.mechanisms(Capabilities.mechanisms(identity.isPresent())));
    }
    ByteBuf in = argument.get();
    int end = Command.keywordEnd(in, in.readerIndex(), in.writerIndex());
    String mechanism =
        in.toString(in.readerIndex(), end - in.readerIndex(), US_ASCII).toUpperCase(Locale.ROOT);
    return SaslExchange.begin(mechanism, identity, behind(in, end))
        .map(step -> exchanged(s.client(), mechanism, "", step))
        .orElseGet(() -> bad(s, Answers.UNKNOWN_MECHANISM));
  }

  private Turn exchanged(Client client, String mechanism, String user, SaslStep step) {
    return switch (step) {
      case SaslStep.Challenge c ->
          Turn.answer(new Exchange(client, mechanism, c.next()), "+ " + c.challenge() + "\r\n");
      case SaslStep.Complete c ->
          UserName.isName(c.credentials().user())
              ? decide(client, c.credentials())
              : malformed(client, mechanism, user);
      case SaslStep.Foreign f ->
          Turn.to(new Pausing(client, Answers.FOREIGN), Effect.PAUSE)
              .afterEnd(f.credentials(), LoginOutcome.REFUSED);
      case SaslStep.Cancelled c ->
          Turn.answer(new Authorization(client, Optional.empty()), Answers.CANCELLED)
              .after(cancelled(mechanism, user));
      case SaslStep.Malformed m -> malformed(client, mechanism, user);
    };
  }

  private Turn malformed(Client client, String mechanism, String user) {
    return bad(new Authorization(client, Optional.empty()), Answers.MALFORMED_RESPONSE)
        .after(cancelled(mechanism, user));
  }

  private static Effect cancelled(String mechanism, String user) {
    return new Effect.Emit(new SessionEvent.LoginEnded(user, mechanism, LoginOutcome.CANCELLED));
  }

  private static Turn decide(Client client, Credentials credentials) {
    return Turn.to(new Deciding(client, credentials), Effect.Decide.about(credentials));
  }

  private Turn bad(AwaitingCommand s, String answer) {
    AwaitingCommand next = s.with(s.client().withBadCommand());
    return next.client().badCommands() <= terms.limits().badCommands()
        ? Turn.answer(next, answer)
        : Turn.close(EndReason.LIMIT, Answers.TOO_MANY_BAD)
            .after(new Effect.Emit(new SessionEvent.LimitReached(Limit.BAD_COMMANDS)));
  }
}
