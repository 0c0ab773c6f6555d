package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.WireViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The dialogue of one submission session: holds the {@link State}, and answers what means the same
 * in all of them.
 */
final class SubmissionDialogue implements Dialogue {
  private State state;

  SubmissionDialogue(Session session) {
    state = new Opening(session);
  }

  @Override
  public List<Effect> on(Signal signal) {
    Next next =
        switch (signal) {
          case Signal.TimedOut t when !(state instanceof Over || state.isMidMessage()) ->
              // During a handshake there is no way to say it.
              state.over(
                  new Farewell(
                      t.limit() == Limit.HANDSHAKE_DEADLINE || state instanceof SecuringClient
                          ? ""
                          : state.replies().timeout(),
                      EndReason.TIMEOUT));
          case Signal.ClientViolation v when !(state instanceof Over) ->
              state.over(
                  new Farewell(
                      state.isAnswerDue() ? state.replies().brokenOff() : said(v.violation()),
                      EndReason.VIOLATION,
                      new SessionEvent.Violated(v.violation())));
          default -> state.on(signal);
        };
    Optional<SessionEvent> cutOff =
        next.state() instanceof Over ? state.cutOff() : Optional.empty();
    state = next.state();
    return cutOff.isPresent() && next.effects().stream().noneMatch(e -> tellsOfMessage(e))
        ? telling(cutOff.get(), next.effects())
        : next.effects();
  }

  private static boolean tellsOfMessage(Effect effect) {
    return effect instanceof Effect.Emit(SessionEvent event)
        && event instanceof SessionEvent.Submitted;
  }

  private static List<Effect> telling(SessionEvent event, List<Effect> before) {
    List<Effect> effects = new ArrayList<>(before.size() + 1);
    effects.add(new Effect.Emit(event));
    effects.addAll(before);
    return effects;
  }

  @Override
  public List<SessionEvent> cutOff() {
    return state.cutOff().stream().toList();
  }

  private String said(WireViolation violation) {
    Replies replies = state.replies();
    return switch (violation) {
      case PLAINTEXT_BEHIND_STARTTLS -> Replies.BEHIND_STARTTLS;
      case LINE_TOO_LONG -> Replies.LINE_TOO_LONG;
      case BARE_CR, BARE_LF, NUL, MALFORMED -> Replies.BROKEN_LINE;
      case TOO_MANY_OCTETS, LITERAL_TOO_LARGE -> replies.limitReached();
      case FOREIGN_PROTOCOL -> replies.foreign();
    };
  }
}
