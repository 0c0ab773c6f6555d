/**
 * What happened in a session, as one sealed type, and the port through which sinks (metrics, audit,
 * log) hear of it. Events carry no credentials and no message content.
 */
@NullMarked
package dev.postern.core.event;

import org.jspecify.annotations.NullMarked;
