/**
 * POP3 (RFC 1939) as a pure dialogue: greeting, capabilities, STLS, login at the backend, and the
 * relay that follows a session after login. Only {@link dev.postern.pop3.Pop3Protocol} is seen from
 * outside; nothing here touches a channel or a clock.
 */
@NullMarked
package dev.postern.pop3;

import org.jspecify.annotations.NullMarked;
