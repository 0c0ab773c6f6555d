/**
 * Postern to try out: in front of mail servers in this process, with a certificate of its own, on
 * ports that need no privileges. Not for real mail.
 */
@NullMarked
package dev.postern.deploy.demo;

import org.jspecify.annotations.NullMarked;
