/**
 * OCSP stapling (RFC 6960, RFC 6066 §8): asks responders, judges what they say, and keeps the
 * response that is good now at hand. Nothing here runs on an event loop but {@link
 * dev.postern.core.tls.Staple#current}, which never waits; nothing is stapled that was not
 * verified.
 */
@NullMarked
package dev.postern.core.tls.ocsp;

import org.jspecify.annotations.NullMarked;
