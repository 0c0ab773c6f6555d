/**
 * Where facts about users come from: adapters of {@link dev.postern.core.policy.UserDirectory}.
 * Lookups never block.
 */
@NullMarked
package dev.postern.deploy.directory;

import org.jspecify.annotations.NullMarked;
