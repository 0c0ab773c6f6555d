package dev.postern.core.protocol;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.Limit;
import dev.postern.core.policy.Decision;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * Something that happened to a session. Buffers are valid only during {@link Dialogue#on}; who
 * keeps octets copies them or takes a {@linkplain ByteBuf#retainedSlice() retained slice} into an
 * effect.
 */
public sealed interface Signal {

  /**
   * The session may begin: the connection is made and, on implicit TLS, the handshake is done. The
   * dialogue greets.
   *
   * @param tls the channel's TLS; empty on cleartext
   * @param loginPossible whether policy could let anybody on this connection log in
   */
  record Ready(Optional<TlsFacts> tls, boolean loginPossible) implements Signal {}

  /**
   * Comes instead of {@link Ready} when the client must be turned away. The dialogue says so and
   * closes.
   *
   * @param limit which limit was reached
   */
  record Refused(Limit limit) implements Signal {}

  /**
   * TLS was established after {@link Effect.UpgradeClientTls}.
   *
   * @param tls what was negotiated
   * @param loginPossible whether policy could let anybody on this connection log in
   */
  record ClientTls(TlsFacts tls, boolean loginPossible) implements Signal {}

  /**
   * A line that {@link Effect.ReadLine} asked for.
   *
   * @param line without CRLF, which stands right behind its writer index; free of NUL, CR and LF
   */
  record ClientLine(ByteBuf line) implements Signal {}

  /**
   * The octets that {@link Effect.ReadOctets} asked for.
   *
   * @param octets exactly as many as asked for, whatever they are
   */
  record ClientOctets(ByteBuf octets) implements Signal {}

  /**
   * The client broke the framing. The dialogue may say so; then it closes.
   *
   * @param violation how
   */
  record ClientViolation(WireViolation violation) implements Signal {}

  /**
   * The answer to {@link Effect.Decide} and {@link Effect.DecideWithoutLogin}.
   *
   * @param decision what policy says
   */
  record Decided(Decision decision) implements Signal {}

  /** The connection that {@link Effect.Connect} asked for is made. Most backends speak first. */
  record BackendConnected() implements Signal {}

  /**
   * A line from the backend.
   *
   * @param line without CRLF, which stands right behind its writer index
   */
  record BackendLine(ByteBuf line) implements Signal {}

  /**
   * The backend could not be reached, or is gone.
   *
   * @param loss why
   */
  record BackendLost(BackendLoss loss) implements Signal {}

  /**
   * The body that {@link Effect.StreamBody} asked for is over.
   *
   * @param outcome how it ended
   */
  record BodyDone(BodyOutcome outcome) implements Signal {}

  /**
   * During {@link Effect.PassThrough}: a unit of the client's that the relay lifted out.
   *
   * @param unit all of it, final CRLF included
   */
  record ClientUnit(ByteBuf unit) implements Signal {}

  /**
   * During {@link Effect.PassThrough}: a unit of the backend's that the relay lifted out.
   *
   * @param unit all of it, final CRLF included
   */
  record BackendUnit(ByteBuf unit) implements Signal {}

  /** The wait that {@link Effect.Pause} asked for is over. */
  record Resumed() implements Signal {}

  /**
   * A deadline has passed. The dialogue may say so; then it closes.
   *
   * @param limit which
   */
  record TimedOut(Limit limit) implements Signal {}

  /**
   * The proxy is shutting down, and the session is at a command boundary. The dialogue says so and
   * closes. In states where the dialogue cannot answer the client yet, it remembers and does it at
   * the next boundary.
   */
  record Shutdown() implements Signal {}
}
