package dev.postern.smtp;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Effect;
import dev.postern.core.sasl.Credentials;
import java.util.Optional;

/** What a client that nobody knows yet wants of policy, and then of a backend. */
sealed interface Purpose {

  /**
   * To log in.
   *
   * @param credentials what it gave
   */
  record ToLogIn(Credentials credentials) implements Purpose {}

  /**
   * To send mail without a login.
   *
   * @param command its first MAIL, one character an octet, without CRLF; goes to the backend once
   *     that knows the client
   * @param decision what policy has said; empty before
   */
  record ToSend(String command, Optional<Decision> decision) implements Purpose {

    /** Returns what sinks are told once a backend has taken the client. */
    Optional<SessionEvent> waived() {
      return decision.map(SessionEvent.LoginWaived::new);
    }
  }

  /** To send mail without a login, which policy has not been asked about. */
  static Purpose toSend(String command) {
    return new ToSend(command, Optional.empty());
  }

  /** Asks policy. */
  default Effect question() {
    return switch (this) {
      case ToLogIn p -> Effect.Decide.about(p.credentials());
      case ToSend p -> Effect.DECIDE_WITHOUT_LOGIN;
    };
  }

  /** Returns the same with the answer, which permits it. */
  default Purpose permitted(Decision decision) {
    return switch (this) {
      case ToLogIn p -> p;
      case ToSend(String command, var before) -> new ToSend(command, Optional.of(decision));
    };
  }

  /**
   * Returns what sinks are told of the answer. A client that may not send mail without a login has
   * been told to log in, as any is; that is no event. One that may is none either before a backend
   * has taken it: until then all that holds before a login holds for it.
   */
  default Optional<SessionEvent> answered(Decision decision) {
    return switch (this) {
      case ToLogIn(Credentials c) ->
          Optional.of(new SessionEvent.LoginDecided(c.user(), c.mechanism(), decision));
      case ToSend p -> Optional.empty();
    };
  }

  /** Returns what sinks are told when a login ends; nothing when it is none. */
  default Optional<SessionEvent> ended(LoginOutcome outcome) {
    return switch (this) {
      case ToLogIn(Credentials c) ->
          Optional.of(new SessionEvent.LoginEnded(c.user(), c.mechanism(), outcome));
      case ToSend p -> Optional.empty();
    };
  }

  /** Returns whose mail it is about; empty without a login. */
  default String user() {
    return switch (this) {
      case ToLogIn p -> p.credentials().actsAs();
      case ToSend p -> "";
    };
  }
}
