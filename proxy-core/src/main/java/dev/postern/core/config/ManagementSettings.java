package dev.postern.core.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where the process answers for metrics and health, over HTTP.
 *
 * @param address where to listen; empty: nowhere
 */
public record ManagementSettings(Optional<InetSocketAddress> address) {

  /**
   * The settings of a configuration that says nothing: this machine only, since there is no
   * authentication.
   */
  public static final ManagementSettings DEFAULT =
      new ManagementSettings(
          Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9993)));
}
