package dev.postern.core.wire;

import io.netty.buffer.ByteBuf;

/**
 * Tracked pass-through: follows the framing of both directions of a session after login, so that
 * bulk data goes to the peer as it came while single units (a command line, a response line) can
 * still be lifted out and given to the dialogue.
 *
 * <p>An implementation is pure with respect to the outside: it holds no buffer, writes nowhere and
 * never changes an index of the buffer it is shown. It is told everything that passes, once and in
 * order. Both directions are called on one thread.
 *
 * <p>How the driver uses one direction:
 *
 * <pre>
 *   n = pass(in)                  n octets go to the peer as they are, the relay has counted them
 *   if n &lt; in.readableBytes():
 *     u = unit(in past n)         u &gt; 0: a whole unit, CRLF included, goes to the dialogue instead of the peer
 *                                 u = 0: incomplete; wait for more octets, or for the other direction to move
 *                                 u &lt; 0: cannot be followed; the session ends with {@link WireViolation#MALFORMED}
 * </pre>
 */
public interface Relay {

  /**
   * Octets that may wait as an incomplete unit. At that many, {@link Direction#unit} answers that
   * the framing is lost, unless it waits for the other direction: the driver reads no further then,
   * so a longer unit would never become complete.
   */
  int LONGEST_UNIT = 16 * 1024;

  /** One direction of the session. */
  interface Direction {

    /**
     * Counts how many octets, from the reader index on, may pass as they are. Fewer than readable
     * means that at that place a unit begins that is either incomplete or must be lifted out:
     * {@link #unit} tells which.
     *
     * @param in octets not yet passed, at least one
     * @return octets to pass, from 0 to {@code in.readableBytes()}; they count as passed
     */
    int pass(ByteBuf in);

    /**
     * Measures the unit at the reader index, after {@link #pass} stopped there.
     *
     * @param in octets not yet passed, at least one
     * @return octets of a whole unit to lift out (it then counts as passed), 0 when more octets are
     *     needed or the other direction must move first, -1 when the framing is lost
     */
    int unit(ByteBuf in);
  }

  /** The direction from the client to the backend. */
  Direction fromClient();

  /** The direction from the backend to the client. */
  Direction fromBackend();

  /**
   * Says whether a response of the proxy's own may be written to the client now, without breaking a
   * response or leaving a command unanswered: no response half passed and no command outstanding
   * but one that waits by nature (IMAP IDLE).
   */
  boolean atCommandBoundary();
}
