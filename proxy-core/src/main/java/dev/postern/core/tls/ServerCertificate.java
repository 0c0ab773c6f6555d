package dev.postern.core.tls;

import java.util.List;

/**
 * A certificate that a listener can show.
 *
 * @param name what the configuration calls it
 * @param serverNames names that a client may ask for to be shown it, in lower case, in ASCII;
 *     {@code *.example.org} stands for one label
 * @param material the chain and the key
 * @param staple the OCSP response that goes with it
 */
public record ServerCertificate(
    String name, List<String> serverNames, KeyMaterial material, Staple staple) {
  public ServerCertificate {
    serverNames = List.copyOf(serverNames);
  }
}
