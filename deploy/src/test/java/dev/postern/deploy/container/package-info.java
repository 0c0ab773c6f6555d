/**
 * The image as it is shipped, in front of Dovecot and Postfix, each in a container of its own, set
 * up as {@code deploy/compose} sets them up and used by Jakarta Mail through published ports. What
 * needs no container is tested elsewhere, faster.
 */
@NullMarked
package dev.postern.deploy.container;

import org.jspecify.annotations.NullMarked;
