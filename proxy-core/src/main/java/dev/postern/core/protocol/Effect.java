package dev.postern.core.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.sasl.Credentials;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;

/**
 * Something to be done for a session. Buffers belong to the effect; the driver writes or releases
 * them.
 */
public sealed interface Effect {

  /**
   * Writes to the client.
   *
   * @param octets whole lines, CRLF included
   */
  record Reply(ByteBuf octets) implements Effect {}

  /**
   * Writes to the backend.
   *
   * @param octets whole lines, CRLF included
   */
  record ToBackend(ByteBuf octets) implements Effect {}

  /**
   * Starts TLS with the client: the reply goes out in clear, then the handshake begins; {@link
   * Signal.ClientTls} follows. If the client has already sent more, the reply is not written and
   * {@link Signal.ClientViolation} with {@link
   * dev.postern.core.wire.WireViolation#PLAINTEXT_BEHIND_STARTTLS} comes instead.
   *
   * @param reply the positive answer to STARTTLS
   */
  record UpgradeClientTls(ByteBuf reply) implements Effect {}

  /** Asks for one more line of the client. */
  record ReadLine() implements Effect {}

  /**
   * Asks for a number of octets of the client, whatever they are, as one piece.
   *
   * @param count at least 1; the dialogue has checked it against its limits
   */
  record ReadOctets(int count) implements Effect {}

  /**
   * Asks policy whether a user may log in; {@link Signal.Decided} follows. Where the client wants
   * to act as somebody else, both must be allowed.
   *
   * @param user the authentication identity, as the client gave it
   * @param authorizationIdentity whom the client wants to act as; empty for the user itself
   * @param mechanism SASL mechanism in upper case, or the protocol's own command
   */
  record Decide(String user, String authorizationIdentity, String mechanism) implements Effect {
    /** Asks about a user who acts for nobody else. */
    public Decide(String user, String mechanism) {
      this(user, "", mechanism);
    }

    /** Asks about what a client logs in with. */
    public static Decide about(Credentials credentials) {
      return new Decide(
          credentials.user(), credentials.authorizationIdentity(), credentials.mechanism());
    }
  }

  /**
   * Asks policy whether the client may send mail without a login; {@link Signal.Decided} follows.
   */
  record DecideWithoutLogin() implements Effect {}

  /**
   * Connects to the backend; {@link Signal.BackendConnected} or {@link Signal.BackendLost} follows.
   *
   * @param user whose mail it is about: the authorization identity where the client gave one; empty
   *     without a login
   */
  record Connect(String user) implements Effect {}

  /**
   * Closes the backend connection; the session goes on. Nothing more of that backend is delivered.
   */
  record LeaveBackend() implements Effect {}

  /**
   * Passes a message body from the client to the backend as it comes; {@link Signal.BodyDone}
   * follows.
   *
   * @param prefix goes to the backend with the body's first octet
   * @param framing how the end is found
   */
  record StreamBody(BodyPrefix prefix, BodyFraming framing) implements Effect {}

  /**
   * From now on both directions pass through, followed by the relay. There is no way back.
   *
   * @param relay follows the framing
   */
  record PassThrough(Relay relay) implements Effect {}

  /** From now on both directions pass without being looked at. There is no way back. */
  record RelayOpaque() implements Effect {}

  /**
   * Waits as long as a failed login costs, which grows with the failures in a row from one network;
   * {@link Signal.Resumed} follows.
   */
  record Pause() implements Effect {}

  /**
   * From now on, after login, the session ends when nothing has come for that long; until this is
   * said, the configured idle timeout holds for both sides.
   *
   * @param after time without traffic, counted anew
   * @param ofBackend whether only the backend's octets count: those of a client that has to wait
   *     for it can only queue
   * @param limit what is reached when nothing comes
   */
  record IdleTimeout(Duration after, boolean ofBackend, Limit limit) implements Effect {}

  /**
   * Tells all sinks of an event.
   *
   * @param event what happened
   */
  record Emit(SessionEvent event) implements Effect {}

  /**
   * Ends the session after everything written has gone out.
   *
   * @param reason why
   */
  record Close(EndReason reason) implements Effect {}

  /** The one {@link ReadLine}. */
  Effect READ_LINE = new ReadLine();

  /** The one {@link DecideWithoutLogin}. */
  Effect DECIDE_WITHOUT_LOGIN = new DecideWithoutLogin();

  /** The one {@link LeaveBackend}. */
  Effect LEAVE_BACKEND = new LeaveBackend();

  /** The one {@link Pause}. */
  Effect PAUSE = new Pause();

  /** The one {@link RelayOpaque}. */
  Effect RELAY_OPAQUE = new RelayOpaque();

  /** Makes a {@link Reply} of text, in UTF-8. */
  static Effect reply(String lines) {
    return new Reply(utf8(lines));
  }

  /** Makes a {@link ToBackend} of text, in UTF-8. */
  static Effect toBackend(String lines) {
    return new ToBackend(utf8(lines));
  }

  private static ByteBuf utf8(String text) {
    return text.isEmpty() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(text.getBytes(UTF_8));
  }
}
