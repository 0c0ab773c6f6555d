package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.Secret;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Introduces the client to the backend and logs it in, unless it needs no login, one command at a
 * time: each of them is a synchronisation point, and Postfix cuts off who pipelines there.
 *
 * @param stage what the backend is expected to answer
 * @param partial what has come of the answer
 */
record LoggingIn(Session session, Client client, Purpose purpose, Stage stage, BackendReply partial)
    implements LoginAttempt {

  /** What the backend is expected to answer. */
  sealed interface Stage {}

  /** Nothing yet: there is no connection. */
  record Connecting() implements Stage {}

  /** Its greeting. */
  record Greeting() implements Stage {}

  /**
   * EHLO.
   *
   * @param again whether it knows the client
   */
  record Introducing(boolean again) implements Stage {}

  /**
   * XCLIENT.
   *
   * @param rest commands still to send
   */
  record Presenting(List<String> rest) implements Stage {}

  /**
   * CLIENT (DEEP-7.3).
   *
   * @param backend what it offers
   */
  record Reporting(Extensions backend) implements Stage {}

  /**
   * AUTH PLAIN with its initial response, or the password of AUTH LOGIN.
   *
   * @param backend what it offers
   * @param credentials what the client gave
   */
  record Authenticating(Extensions backend, Credentials credentials) implements Stage {}

  /**
   * A step of AUTH LOGIN before the last.
   *
   * @param backend what it offers
   * @param credentials what the client gave
   * @param user whether the user's name is sent next; else the password is
   */
  record Prompting(Extensions backend, Credentials credentials, boolean user) implements Stage {}

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.BackendConnected c -> waiting(new Greeting());
      case Signal.BackendLine l -> line(l.line());
      case Signal.BackendLost l -> unavailable(List.of());
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }

  private Next line(ByteBuf line) {
    Optional<BackendReply> reply = partial.plus(line);
    if (reply.isEmpty()) {
      return brokenBackend();
    }
    return reply.get().whole()
        ? answered(reply.get())
        : Next.to(new LoggingIn(session, client, purpose, stage, reply.get()));
  }

  private Next answered(BackendReply reply) {
    return switch (stage) {
      case Connecting s -> brokenBackend();
      case Greeting s -> reply.code() == 220 ? introduce(false) : unavailable(reply);
      case Introducing s -> reply.code() == 250 ? introduced(s.again(), reply) : unavailable(reply);
      case Presenting s -> reply.isPositive() ? present(s.rest()) : unavailable(reply);
      case Reporting s -> authenticate(s.backend());
      case Prompting s -> reply.code() == 334 ? respond(s) : refused(reply, s.credentials());
      case Authenticating s ->
          reply.code() == 235 ? authenticated(s.backend()) : refused(reply, s.credentials());
    };
  }

  private Next introduce(boolean again) {
    String name = client.presentable() ? client.helo() : session.hostname();
    return asking(new Introducing(again), Effect.toBackend("EHLO " + name + "\r\n"));
  }

  private Next introduced(boolean again, BackendReply reply) {
    Extensions backend = Extensions.of(reply.extensions());
    if (!again) {
      Optional<String> user = named();
      // a backend that would not take the name must not go on: it may let the proxy send anything
      if (user.isPresent() && !Xclient.names(user.get(), backend)) {
        return brokenBackend();
      }
      List<String> xclient = Xclient.commands(session.facts(), client, backend, user);
      if (!xclient.isEmpty()) {
        return present(xclient);
      }
    }
    if (backend.offers("DEEP") && (client.report().isPresent() || client.tls().isPresent())) {
      String command = client.report().orElse(ClientReport.NONE).command(client.tls());
      return asking(new Reporting(backend), Effect.toBackend(command));
    }
    return authenticate(backend);
  }

  /** Returns the user of whom the backend hears by XCLIENT that it is logged in. */
  private Optional<String> named() {
    return purpose instanceof Purpose.ToLogIn(Credentials c)
            && c.isExternal()
            && session.namesUsers()
        ? Optional.of(c.user())
        : Optional.empty();
  }

  private Next present(List<String> commands) {
    return commands.isEmpty()
        ? introduce(true)
        : asking(
            new Presenting(commands.subList(1, commands.size())),
            Effect.toBackend(commands.get(0)));
  }

  private Next authenticate(Extensions backend) {
    return switch (purpose) {
      case Purpose.ToSend p -> send(backend, p);
      case Purpose.ToLogIn p when named().isPresent() -> authenticated(backend);
      case Purpose.ToLogIn(Credentials c) -> authenticate(backend, c);
    };
  }

  private Next authenticate(Extensions backend, Credentials credentials) {
    Optional<Credentials> given = credentials.forBackend(session.facts().master());
    if (given.isPresent() && backend.offers("AUTH", "PLAIN")) {
      return asking(
          new Authenticating(backend, credentials),
          secret("AUTH PLAIN ", given.get().plainResponse()));
    }
    // LOGIN has no place for an authorization identity.
    return backend.offers("AUTH", "LOGIN")
            && !credentials.isExternal()
            && credentials.authorizationIdentity().isEmpty()
        ? asking(new Prompting(backend, credentials, true), Effect.toBackend("AUTH LOGIN\r\n"))
        : brokenBackend();
  }

  private Next respond(Prompting prompt) {
    Credentials credentials = prompt.credentials();
    return prompt.user()
        ? asking(
            new Prompting(prompt.backend(), credentials, false),
            secret("", base64(credentials.user())))
        : asking(
            new Authenticating(prompt.backend(), credentials),
            secret("", base64(credentials.password())));
  }

  private static Secret base64(String text) {
    return Secret.copyOf(Base64.getEncoder().encode(text.getBytes(UTF_8)));
  }

  private static Secret base64(Secret secret) {
    return Secret.copyOf(Base64.getEncoder().encode(secret.reveal()));
  }

  private static Effect secret(String before, Secret secret) {
    return new Effect.ToBackend(Lines.secret(before, secret.reveal()));
  }

  private Next authenticated(Extensions backend) {
    List<Effect> effects = new ArrayList<>(4);
    effects.add(session.waitingForClient());
    tellEnd(LoginOutcome.SUCCESS, effects);
    effects.add(Effect.reply(Replies.AUTHENTICATED));
    effects.add(Effect.READ_LINE);
    return new Next(Relaying.begin(Login.begin(session, backend, client), client), effects);
  }

  /** The backend has been told who the client is, and hears its first command at last. */
  private Next send(Extensions backend, Purpose.ToSend mail) {
    String command = mail.command();
    ByteBuf line = Lines.octets(command + "\r\n");
    try {
      Next next =
          Relaying.begin(Login.begin(session, backend, client), client)
              .on(new Signal.ClientLine(line.writerIndex(command.length())));
      List<Effect> effects = new ArrayList<>(next.effects().size() + 2);
      effects.add(session.waitingForClient());
      mail.waived().map(Effect.Emit::new).ifPresent(effects::add);
      effects.addAll(next.effects());
      return new Next(next.state(), effects);
    } finally {
      line.release();
    }
  }

  private void tellEnd(LoginOutcome outcome, List<Effect> effects) {
    purpose.ended(outcome).map(Effect.Emit::new).ifPresent(effects::add);
  }

  /**
   * The backend does not log the user in. Its words are replaced, so that they cannot tell an
   * unknown user from a wrong password, or one backend from another.
   */
  private Next refused(BackendReply reply, Credentials credentials) {
    return switch (reply.code()) {
      // These say that the proxy and the backend do not understand each other, nothing of the
      // credentials.
      case 334, 500, 501, 502, 503, 504, 530, 534, 538 -> brokenBackend();
      default ->
          reply.code() < 500
              ? unavailable(reply)
              : refused(credentials.isExternal() ? Replies.NOT_THERE : Replies.WRONG_CREDENTIALS);
    };
  }

  private Next refused(String reply) {
    List<Effect> effects = new ArrayList<>(3);
    effects.add(Effect.LEAVE_BACKEND);
    tellEnd(LoginOutcome.REFUSED, effects);
    effects.add(Effect.PAUSE);
    return new Next(new Penalized(session, client, reply), effects);
  }

  private Next unavailable(BackendReply reply) {
    return reply.code() < 500 && reply.code() >= 400
        ? unavailable(List.of(Effect.LEAVE_BACKEND))
        : brokenBackend();
  }

  /** The backend answers in a way that an operator must look at. */
  private Next brokenBackend() {
    return unavailable(
        List.of(
            Effect.LEAVE_BACKEND,
            new Effect.Emit(new SessionEvent.BackendFailed(BackendLoss.PROTOCOL))));
  }

  private Next unavailable(List<Effect> before) {
    List<Effect> effects = new ArrayList<>(before);
    tellEnd(LoginOutcome.UNAVAILABLE, effects);
    effects.add(
        Effect.reply(
            switch (purpose) {
              case Purpose.ToLogIn p -> Replies.LOGIN_UNAVAILABLE;
              case Purpose.ToSend p -> Replies.BACKEND_UNAVAILABLE;
            }));
    effects.add(Effect.READ_LINE);
    return new Next(new Unauthenticated(session, client.turnedAway()), effects);
  }

  private Next asking(Stage next, Effect question) {
    return Next.to(new LoggingIn(session, client, purpose, next, BackendReply.NONE), question);
  }

  private Next waiting(Stage next) {
    return Next.to(new LoggingIn(session, client, purpose, next, BackendReply.NONE));
  }
}
