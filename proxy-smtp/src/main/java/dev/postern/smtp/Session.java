package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.snapshot.Terms;
import java.time.InstantSource;

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

  /** Says whether a client has sent more bad commands than it may. */
  boolean tooMany(Client client) {
    return client.badCommands() > terms.limits().badCommands();
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

  /** Returns the trace field for messages of this session; without a login there is none. */
  TraceField trace(Client client) {
    return new TraceField(
        client.helo(),
        facts.client().getAddress(),
        terms.trace().address(),
        terms.hostname(),
        facts.session(),
        client.tls(),
        true);
  }
}
