/**
 * Octets on the wire: finding lines, counted octets and message bodies in what a peer sent, without
 * copying and without leniency. Nothing here knows a protocol, a channel or a clock.
 */
@NullMarked
package dev.postern.core.wire;

import org.jspecify.annotations.NullMarked;
