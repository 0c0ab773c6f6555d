/**
 * SASL as a server sees it, for the mechanisms whose credentials the proxy can pass on: PLAIN (RFC
 * 4616) and LOGIN. Pure; the protocols wrap the lines.
 */
@NullMarked
package dev.postern.core.sasl;

import org.jspecify.annotations.NullMarked;
