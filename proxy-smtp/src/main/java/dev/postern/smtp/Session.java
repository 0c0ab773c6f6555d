package dev.postern.smtp;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.snapshot.SubmissionLimits;
import dev.postern.core.snapshot.Terms;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What does not change while a session lasts.
 *
 * @param facts who connected, and to which backend
 * @param terms the configuration in force
 * @param clock dates the trace field
 */
record Session(SessionFacts facts, Terms terms, InstantSource clock) {

  /** Returns the proxy's own name. */
  String hostname() {
    return terms.hostname();
  }

  /** Returns the proxy's own replies. */
  Replies replies() {
    return new Replies(terms.hostname(), terms.support());
  }

  /**
   * Returns whom a client may be by EXTERNAL (CCO-4.2b): whom its certificate stands for, at a
   * backend that takes the user without a password.
   *
   * @param backend what the backend offers
   */
  Optional<String> external(Client client, Extensions backend) {
    Optional<String> identity = SessionFacts.identity(client.tls());
    return namesUsers()
        ? identity.filter(i -> Xclient.names(i, backend))
        : identity.filter(i -> facts.master().isPresent() && backend.offers("AUTH", "PLAIN"));
  }

  /** Says whether users without a password are named to the backend, by XCLIENT. */
  boolean namesUsers() {
    return facts.profile() == BackendProfile.POSTFIX;
  }

  /** Returns what the backends are known to offer, before one is connected. */
  Extensions offer() {
    return Extensions.of(facts.offer().capabilities());
  }

  /** Returns the bounds on submission. */
  SubmissionLimits limits() {
    return terms.limits().submission();
  }

  /** Gives the client the time that its next command, or the next octets of a message, may take. */
  Effect waitingForClient() {
    return new Effect.IdleTimeout(limits().replyDeadline(), false, Limit.IDLE_TIMEOUT);
  }

  /** Gives the backend the time that each of its replies may take. */
  Effect waitingForReply() {
    return new Effect.IdleTimeout(limits().replyDeadline(), true, Limit.REPLY_DEADLINE);
  }

  /** Gives the backend the time that it may need to take a whole message. */
  Effect waitingForVerdict() {
    return new Effect.IdleTimeout(limits().verdictDeadline(), true, Limit.VERDICT_DEADLINE);
  }

  /** Says whether a client has sent more bad commands than it may. */
  boolean tooMany(Client client) {
    return client.sent().badCommands() > terms.limits().badCommands();
  }

  /** Answers a bad command before login; one too many ends the session. */
  Next bad(Client client, String reply) {
    Client counted = client.oneMoreBadCommand();
    return tooMany(counted)
        ? Next.over(this, tooManyBadCommands())
        : Next.answering(new Unauthenticated(this, counted), reply);
  }

  /** Ends a session with too many bad commands. */
  Farewell tooManyBadCommands() {
    return new Farewell(
        replies().tooManyBadCommands(),
        EndReason.LIMIT,
        new SessionEvent.LimitReached(Limit.BAD_COMMANDS));
  }

  /** Returns the trace field for messages of this session. */
  TraceField trace(Client client) {
    return new TraceField(
        client.helo(),
        client.extended(),
        facts.client().getAddress(),
        terms.trace().address(),
        terms.hostname(),
        facts.session(),
        client.tls(),
        !client.withoutLogin());
  }
}
