/**
 * IMAP (RFC 9051, RFC 3501) as a pure dialogue: what a client may say before login, the login at
 * the backend, and the framing that is followed after it. Nothing here touches a channel, a clock
 * or another protocol.
 */
@NullMarked
package dev.postern.imap;

import org.jspecify.annotations.NullMarked;
