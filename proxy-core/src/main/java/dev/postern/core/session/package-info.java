/**
 * One session between a mail client and a backend. {@link dev.postern.core.session.SessionDriver}
 * is the only interpreter of effects, the only writer to channels and the only emitter of events;
 * everything of a session happens on one event loop.
 */
@NullMarked
package dev.postern.core.session;

import org.jspecify.annotations.NullMarked;
