package dev.postern.core.event;

/**
 * Records what an auditor asks for: who connected, over which TLS, who logged in or was refused and
 * why, what was submitted, and how it ended. The rest (a backend connection was made) is for
 * metrics and log.
 */
public final class AuditSink implements EventSink {
  private final AuditWriter writer;

  /**
   * Makes a sink.
   *
   * @param writer writes the lines, on a thread of its own; the caller closes it
   */
  public AuditSink(AuditWriter writer) {
    this.writer = writer;
  }

  @Override
  public void accept(SessionContext context, SessionEvent event) {
    if (audited(event)) {
      writer.offer(context, event);
    }
  }

  private static boolean audited(SessionEvent event) {
    return switch (event) {
      case SessionEvent.Started e -> true;
      case SessionEvent.TlsEstablished e -> true;
      case SessionEvent.TlsFailed e -> true;
      case SessionEvent.ClientIdentified e -> true;
      case SessionEvent.LoginDecided e -> true;
      case SessionEvent.LoginEnded e -> true;
      case SessionEvent.LoginWaived e -> true;
      case SessionEvent.BackendConnected e -> false;
      case SessionEvent.BackendFailed e -> true;
      case SessionEvent.Submitted e -> true;
      case SessionEvent.Violated e -> true;
      case SessionEvent.ProxyHeaderRefused e -> true;
      case SessionEvent.LimitReached e -> true;
      case SessionEvent.Ended e -> true;
    };
  }
}
