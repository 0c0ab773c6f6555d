package dev.postern.core.protocol;

import dev.postern.core.backend.BackendOffer;
import io.netty.buffer.ByteBuf;

/**
 * A short conversation with a backend that learns what it offers, then says goodbye. Pure, as
 * {@link Dialogue} is.
 */
public interface Probe {

  /**
   * Takes a line of the backend, the greeting first.
   *
   * @param line without CRLF; valid only during the call
   * @return what to do next
   */
  Step on(ByteBuf line);

  /** What to do next. */
  sealed interface Step {

    /** Wait for the next line. */
    record More() implements Step {}

    /**
     * Send something, then wait for the next line.
     *
     * @param lines CRLF included
     */
    record Send(String lines) implements Step {}

    /**
     * All is known.
     *
     * @param offer what the backend offers
     * @param goodbye what to send before closing
     */
    record Learned(BackendOffer offer, String goodbye) implements Step {}

    /**
     * The backend cannot be used as it answers now.
     *
     * @param reason for the log, with what the operator can do
     */
    record Failed(String reason) implements Step {}
  }
}
