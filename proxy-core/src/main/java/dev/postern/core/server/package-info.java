/**
 * The proxy as a whole: listeners, the configuration in force and its exchange, limits on
 * connections, and the end. Starts sessions; what happens in one is not its business.
 */
@NullMarked
package dev.postern.core.server;

import org.jspecify.annotations.NullMarked;
