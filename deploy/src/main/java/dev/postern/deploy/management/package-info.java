/**
 * What operators and orchestrators ask of a running proxy over HTTP: metrics, liveness and
 * readiness. Nothing here serves mail clients, and nothing can be changed through it.
 */
@NullMarked
package dev.postern.deploy.management;

import org.jspecify.annotations.NullMarked;
