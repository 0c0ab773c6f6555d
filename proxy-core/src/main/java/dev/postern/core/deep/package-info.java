/**
 * Security tags and DEEP status, the values of "Deployable Enhanced Email Privacy" that all
 * protocols share.
 */
@NullMarked
package dev.postern.core.deep;

import org.jspecify.annotations.NullMarked;
