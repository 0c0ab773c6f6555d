/**
 * Who may authenticate over which channel: a pure function from facts to a decision, asked before
 * credentials (what may be advertised) and again once the user is known, before any backend hears
 * of it. No clock and no I/O in here.
 */
@NullMarked
package dev.postern.core.policy;

import org.jspecify.annotations.NullMarked;
