package dev.postern.core.event;

import dev.postern.core.policy.Decision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes events to the log, to the logger {@value #LOGGER}: at {@code INFO} what an operator asks
 * for when a user calls (logins, submissions, refusals, the end of a session), at {@code WARN} what
 * is wrong on the operator's own side, at {@code DEBUG} the rest. Clients can fill the log with
 * nothing above {@code INFO}.
 */
public final class LogSink implements EventSink {

  /** Name of the logger. */
  public static final String LOGGER = "postern.session";

  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

  @Override
  public void accept(SessionContext context, SessionEvent event) {
    Level level = level(event);
    if (LOG.isEnabledForLevel(level)) {
      LOG.atLevel(level).log(LogLine.of(context, event));
    }
  }

  private static Level level(SessionEvent event) {
    return switch (event) {
      case SessionEvent.Started e -> Level.DEBUG;
      case SessionEvent.TlsEstablished e -> Level.DEBUG;
      case SessionEvent.TlsFailed e -> Level.INFO;
      case SessionEvent.ClientIdentified e -> Level.DEBUG;
      case SessionEvent.LoginDecided e ->
          e.decision() instanceof Decision.Allow ? Level.DEBUG : Level.INFO;
      case SessionEvent.LoginEnded e -> Level.INFO;
      case SessionEvent.LoginWaived e -> Level.INFO;
      case SessionEvent.BackendConnected e -> Level.DEBUG;
      case SessionEvent.BackendFailed e -> Level.WARN;
      case SessionEvent.Submitted e -> Level.INFO;
      case SessionEvent.Violated e -> Level.INFO;
      case SessionEvent.ProxyHeaderRefused e -> Level.INFO;
      case SessionEvent.LimitReached e -> Level.INFO;
      case SessionEvent.Ended e -> e.reason() == EndReason.INTERNAL ? Level.WARN : Level.INFO;
    };
  }
}
