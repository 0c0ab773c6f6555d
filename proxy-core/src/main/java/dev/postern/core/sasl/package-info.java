/**
 * SASL as a server sees it, for the mechanisms whose credentials the proxy can pass on: PLAIN (RFC
 * 4616), LOGIN, and EXTERNAL (RFC 4422), for which a master user stands in. Pure; the protocols
 * wrap the lines.
 */
@NullMarked
package dev.postern.core.sasl;

import org.jspecify.annotations.NullMarked;
