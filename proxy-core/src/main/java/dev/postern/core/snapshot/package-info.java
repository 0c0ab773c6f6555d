/**
 * The compiled configuration: immutable values that a session keeps from its first octet to its
 * last. Reading and checking configuration files happens elsewhere.
 */
@NullMarked
package dev.postern.core.snapshot;

import org.jspecify.annotations.NullMarked;
