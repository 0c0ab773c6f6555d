package dev.postern.deploy.certificate;

import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * What a certificate is to be for (RFC 7817 §5).
 *
 * @param dnsNames names of the server, then the domains of its users, each a DNS-ID
 * @param srvNames the services found by SRV records of those domains, each an SRV-ID
 */
public record RequestedNames(List<String> dnsNames, List<SrvName> srvNames) {
  public RequestedNames {
    if (dnsNames.isEmpty()) {
      throw new IllegalArgumentException("a server has a name");
    }
    dnsNames = List.copyOf(dnsNames);
    srvNames = List.copyOf(srvNames);
  }

  GeneralNames generalNames() {
    List<GeneralName> names = new ArrayList<>();
    dnsNames.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    srvNames.forEach(name -> names.add(name.generalName()));
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }
}
