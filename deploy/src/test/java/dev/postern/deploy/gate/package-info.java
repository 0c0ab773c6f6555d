/**
 * The whole proxy in front of real mail servers: every test here goes through a listener, the
 * protocol's dialogue, the driver and a real backend, driven by real mail clients.
 */
@NullMarked
package dev.postern.deploy.gate;

import org.jspecify.annotations.NullMarked;
