/**
 * Message submission (RFC 6409) as a pure dialogue: authentication on the proxy's terms, then
 * command after command with the backend, and one trace field in front of each message. No channel,
 * no thread, and no clock but the one that dates the trace field.
 */
@NullMarked
package dev.postern.smtp;

import org.jspecify.annotations.NullMarked;
