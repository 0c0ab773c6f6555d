/**
 * Live connections to the servers behind the proxy: which address to take, failing over, and asking
 * them what they offer. All I/O towards backends begins here.
 */
@NullMarked
package dev.postern.core.upstream;

import org.jspecify.annotations.NullMarked;
