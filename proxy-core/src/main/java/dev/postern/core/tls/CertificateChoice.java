package dev.postern.core.tls;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of a listener's certificates a client is shown (CCO-4.4): one for exactly the name it asks
 * for, or one for all names at that place, or the default, which is the first. Of several, one with
 * an elliptic-curve key where the client can verify it, since that makes a handshake several times
 * cheaper, and else one with an RSA key.
 */
final class CertificateChoice {
  /** An elliptic curve: its group and the signature scheme of TLS 1.3 that goes with it. */
  private enum Curve {
    P256(256, 23, 0x0403),
    P384(384, 24, 0x0503),
    P521(521, 25, 0x0603);

    private final int bits;
    private final int group;
    private final int scheme;

    Curve(int bits, int group, int scheme) {
      this.bits = bits;
      this.group = group;
      this.scheme = scheme;
    }

    static Optional<Curve> of(PublicKey key) {
      if (key instanceof ECPublicKey ec) {
        int bits = ec.getParams().getOrder().bitLength();
        for (Curve curve : values()) {
          if (curve.bits == bits) {
            return Optional.of(curve);
          }
        }
      }
      return Optional.empty();
    }
  }

  /** A certificate at its place in the list. */
  private record Candidate(int place, Optional<Curve> curve) {}

  private final Map<String, List<Candidate>> exact = new HashMap<>();
  private final Map<String, List<Candidate>> wildcards = new HashMap<>();
  private final List<Candidate> byDefault = new ArrayList<>();
  private final Map<TlsVersion, Set<Integer>> ecdsaSuites = new EnumMap<>(TlsVersion.class);
  private final TlsTerms terms;

  /**
   * Prepares the choice.
   *
   * @param certificates at least one
   */
  CertificateChoice(List<ServerCertificate> certificates, TlsTerms terms) {
    this.terms = terms;
    for (TlsVersion version : terms.versions()) {
      ecdsaSuites.put(version, ecdsaSuites(version));
    }
    List<String> defaults = certificates.get(0).serverNames();
    for (int i = 0; i < certificates.size(); i++) {
      ServerCertificate certificate = certificates.get(i);
      Candidate candidate =
          new Candidate(i, Curve.of(certificate.material().chain().get(0).getPublicKey()));
      for (String name : certificate.serverNames()) {
        boolean wildcard = name.startsWith("*.");
        (wildcard ? wildcards : exact)
            .computeIfAbsent(wildcard ? name.substring(2) : name, n -> new ArrayList<>())
            .add(candidate);
      }
      if (i == 0
          || certificate.serverNames().equals(defaults)
          || !Collections.disjoint(certificate.serverNames(), defaults)) {
        byDefault.add(candidate);
      }
    }
  }

  private Set<Integer> ecdsaSuites(TlsVersion version) {
    return terms.cipherSuites().stream()
        .filter(name -> name.startsWith("TLS_ECDHE_ECDSA_"))
        .flatMap(name -> CipherSuite.ofName(name).stream())
        .filter(suite -> suite.isOf(version))
        .map(CipherSuite::code)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Chooses.
   *
   * @return the place of a certificate in the list; empty when the client is to be refused because
   *     there is none for the name it asks for, or it asks for none
   */
  OptionalInt choose(ClientHello hello) {
    List<Candidate> candidates = named(hello);
    if (candidates.isEmpty()) {
      if (terms.strictServerNames()) {
        return OptionalInt.empty();
      }
      candidates = byDefault;
    }
    return OptionalInt.of(best(candidates, hello).place());
  }

  private List<Candidate> named(ClientHello hello) {
    if (hello.serverName().isEmpty()) {
      return List.of();
    }
    String name = hello.serverName().get();
    List<Candidate> forName = exact.getOrDefault(name, List.of());
    int dot = name.indexOf('.');
    List<Candidate> forPlace =
        dot > 0 ? wildcards.getOrDefault(name.substring(dot + 1), List.of()) : List.of();
    return forName.isEmpty() || (!serves(forName, hello) && serves(forPlace, hello))
        ? forPlace
        : forName;
  }

  /** Says whether one of them is of use to the client. An RSA key is taken to be, by everybody. */
  private boolean serves(List<Candidate> candidates, ClientHello hello) {
    for (Candidate candidate : candidates) {
      if (candidate.curve().isEmpty() || isVerifiable(candidate.curve().get(), hello)) {
        return true;
      }
    }
    return false;
  }

  private Candidate best(List<Candidate> candidates, ClientHello hello) {
    if (candidates.size() == 1) {
      return candidates.get(0);
    }
    Candidate withRsaKey = null;
    for (Candidate candidate : candidates) {
      if (candidate.curve().isEmpty()) {
        withRsaKey = withRsaKey == null ? candidate : withRsaKey;
      } else if (isVerifiable(candidate.curve().get(), hello)) {
        return candidate;
      }
    }
    return withRsaKey == null ? candidates.get(0) : withRsaKey;
  }

  private boolean isVerifiable(Curve curve, ClientHello hello) {
    Optional<TlsVersion> version = sharedVersion(hello);
    if (version.isEmpty()) {
      return false;
    }
    return switch (version.get()) {
      case TLS_1_3 -> hello.signatureSchemes().contains(curve.scheme);
      case TLS_1_2 ->
          hasSomeEcdsaScheme(hello)
              && hasSuite(TlsVersion.TLS_1_2, hello)
              && hasGroup(curve, hello);
      case TLS_1_1, TLS_1_0 -> hasSuite(version.get(), hello) && hasGroup(curve, hello);
    };
  }

  /** Before TLS 1.3 the hash goes with any curve. */
  private static boolean hasSomeEcdsaScheme(ClientHello hello) {
    for (Curve curve : Curve.values()) {
      if (hello.signatureSchemes().contains(curve.scheme)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasSuite(TlsVersion version, ClientHello hello) {
    return !Collections.disjoint(hello.cipherSuites(), ecdsaSuites.getOrDefault(version, Set.of()));
  }

  /** Before TLS 1.3 the groups are the curves of certificates too (RFC 8422 §5.1.1). */
  private static boolean hasGroup(Curve curve, ClientHello hello) {
    return hello.namedGroups().isEmpty() || hello.namedGroups().contains(curve.group);
  }

  /** Finds the newest version that both sides have. */
  Optional<TlsVersion> sharedVersion(ClientHello hello) {
    for (TlsVersion version : hello.versions()) {
      if (terms.versions().contains(version)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }
}
