/**
 * The composition root: where the process begins. Everything else is told here what it works with;
 * nothing depends on this package.
 */
@NullMarked
package dev.postern.deploy;

import org.jspecify.annotations.NullMarked;
