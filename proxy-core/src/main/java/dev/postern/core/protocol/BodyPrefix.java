package dev.postern.core.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * What goes to the backend in front of a message body. It is made when the body's first octet is
 * there, because what stands there may decide what has to come before.
 */
@FunctionalInterface
public interface BodyPrefix {
  /** Nothing. */
  BodyPrefix NONE = first -> Unpooled.EMPTY_BUFFER;

  /** Stands for the first octet of a body that is empty. */
  int NO_OCTET = -1;

  /**
   * Makes it, once.
   *
   * @param first the body's first octet as the backend will take it, without a dot that was stuffed
   *     in front of it, or {@link #NO_OCTET}
   * @return the caller's
   */
  ByteBuf before(int first);
}
