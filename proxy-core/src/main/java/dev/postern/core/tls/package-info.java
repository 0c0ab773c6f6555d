/**
 * TLS towards mail clients: certificates, contexts, and {@link dev.postern.core.tls.TlsFacts}, the
 * one record that everything else reads. No other package asks a TLS engine anything.
 */
@NullMarked
package dev.postern.core.tls;

import org.jspecify.annotations.NullMarked;
