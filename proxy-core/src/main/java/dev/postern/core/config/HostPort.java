package dev.postern.core.config;

/**
 * Where a server is: a name that is resolved later, or an address, and a port.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port TCP port, 1 to 65535
 */
public record HostPort(String host, int port) {

  /**
   * Returns the form used in configuration: {@code mail.example.org:143}, {@code
   * [2001:db8::5]:143}.
   */
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
