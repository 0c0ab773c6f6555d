package dev.postern.deploy.certificate;

import dev.postern.core.tls.CertificateNames;
import dev.postern.core.tls.KeyStrength;
import dev.postern.deploy.process.CertificateDoubts;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What a certificate says, and what mail programs will hold against it, for people to read. Pure.
 *
 * @param facts lines
 * @param problems why mail programs refuse it; each says what to do
 * @param warnings what an operator should look at
 */
public record CertificateReport(List<String> facts, List<String> problems, List<String> warnings) {
  private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  public CertificateReport {
    facts = List.copyOf(facts);
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reports.
   *
   * @param chain the server's certificate first, at least one
   * @param hostnames names that it should be for
   * @param ports where it is shown, for TLSA records
   * @param now the time
   */
  public static CertificateReport of(
      List<X509Certificate> chain,
      Collection<String> hostnames,
      Collection<Integer> ports,
      Instant now) {
    X509Certificate server = chain.get(0);
    CertificateText text = new CertificateText(server);
    List<String> facts = new ArrayList<>(text.lines(now));
    List<String> problems = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (int i = 1; i < chain.size(); i++) {
      facts.add(CertificateText.line("issuer " + i, CertificateText.brief(chain.get(i))));
    }
    for (String hostname : hostnames) {
      boolean covered = CertificateDoubts.covers(server, hostname);
      facts.add(CertificateText.line("for " + hostname, covered ? "yes" : "no"));
      if (!covered) {
        problems.add(
            "is not for "
                + Printable.of(hostname)
                + ": ask for one that is, with postern cert csr --hostname");
      }
    }
    facts.addAll(text.tlsaRecords(hostnames, ports));
    ofServer(server, problems);
    // How it is stapled, if at all, is not to be seen here.
    for (CertificateDoubts.Doubt doubt : CertificateDoubts.of(chain, List.of(), true, now)) {
      String sentence = Printable.of(doubt.message() + ": " + doubt.suggestion());
      switch (doubt.weight()) {
        case ERROR -> problems.add(sentence);
        case WARNING -> warnings.add(sentence);
      }
    }
    ChainFindings.of(chain, problems, warnings);
    return new CertificateReport(facts, problems, warnings);
  }

  private static void ofServer(X509Certificate server, List<String> problems) {
    KeyStrength.weakness(server.getPublicKey())
        .ifPresent(weakness -> problems.add("has " + weakness + ": ask for one with another key"));
    if (CertificateNames.alternative(server).isEmpty()) {
      problems.add(
          "has no DNS-ID, and mail programs look at no other name of a host (RFC 9525): ask for one");
    }
    try {
      List<String> purposes = server.getExtendedKeyUsage();
      if (purposes != null
          && !purposes.contains(SERVER_AUTHENTICATION)
          && !purposes.contains(ANY_PURPOSE)) {
        problems.add("is not for servers, by its extended key usage: ask for serverAuth");
      }
    } catch (CertificateParsingException e) {
      problems.add("has an extended key usage that cannot be read: ask for another");
    }
  }
}
