package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;

/**
 * Nobody can log in on this channel: there is no TLS, or it is too old. No way leads from here to
 * credentials: LOGIN and AUTHENTICATE have one answer, given without looking at what stands behind
 * them (CCO-4.1a, CCO-4.1b).
 */
record PreTls(Client client) implements PreLogin {
  @Override
  public Turn login(String tag, Cursor arguments, Session session) {
    return refused(tag, "LOGIN", session);
  }

  @Override
  public Turn authenticate(String tag, Cursor arguments, Session session) {
    return refused(tag, "AUTHENTICATE", session);
  }

  @Override
  public boolean takesLiterals(String name) {
    return name.equals("ID");
  }

  @Override
  public Turn refuseLiteral(String tag, String name, Session session) {
    return name.equals("LOGIN") || name.equals("AUTHENTICATE")
        ? refused(tag, name, session)
        : PreLogin.super.refuseLiteral(tag, name, session);
  }

  private Turn refused(String tag, String mechanism, Session session) {
    return Turn.to(
        this,
        new Effect.Emit(new SessionEvent.LoginEnded("", mechanism, LoginOutcome.DENIED)),
        reply(tag + " " + session.denial(client) + "\r\n"),
        READ_LINE);
  }
}
