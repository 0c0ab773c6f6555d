/**
 * What is shipped for hosts without Kubernetes: the Debian package, the systemd unit, the compose
 * example, dashboard and alert rules. Tests here read the files as shipped, never copies of them.
 */
@NullMarked
package dev.postern.deploy.host;

import org.jspecify.annotations.NullMarked;
