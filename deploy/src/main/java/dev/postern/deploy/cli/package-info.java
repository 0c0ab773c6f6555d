/**
 * The command line: the only place that writes to the console, and the only one that knows exit
 * codes. What a command does stands elsewhere.
 */
@NullMarked
package dev.postern.deploy.cli;

import org.jspecify.annotations.NullMarked;
