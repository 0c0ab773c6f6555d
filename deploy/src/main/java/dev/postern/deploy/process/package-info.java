/**
 * The running process: configuration file, proxy, sinks and management endpoint put together, kept
 * up to date while they run, and taken down in order. Knows no command line.
 */
@NullMarked
package dev.postern.deploy.process;

import org.jspecify.annotations.NullMarked;
