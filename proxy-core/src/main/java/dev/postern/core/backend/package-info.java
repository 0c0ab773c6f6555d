/**
 * Cleartext servers behind the proxy: how each kind is spoken to, where they are, what they offer
 * and whether they are reachable. Knows no protocol's commands.
 */
@NullMarked
package dev.postern.core.backend;

import org.jspecify.annotations.NullMarked;
