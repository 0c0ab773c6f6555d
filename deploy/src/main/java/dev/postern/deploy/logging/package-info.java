/** How the log is written: what logback needs beyond its own. */
@NullMarked
package dev.postern.deploy.logging;

import org.jspecify.annotations.NullMarked;
