/**
 * The service provider interface between the core and the protocols: what happened ({@link
 * dev.postern.core.protocol.Signal}) goes in, what should be done ({@link
 * dev.postern.core.protocol.Effect}) comes out. Protocols are pure; only the session driver carries
 * effects out.
 */
@NullMarked
package dev.postern.core.protocol;

import org.jspecify.annotations.NullMarked;
