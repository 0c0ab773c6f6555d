package dev.postern.core.config;

import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.IdentityMapping;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Which client certificates a listener asks for, and whom they stand for (CCO-4.2).
 *
 * @param authorities PEM file with the certificates of those who may vouch for clients
 * @param depth most intermediate certificates between a client's and an authority's
 * @param revocations files with certificate revocation lists (RFC 5280 §5), PEM or DER; empty to
 *     check none
 * @param mappings how the user is found, tried in order; at least one
 * @param required whether a client without one is refused in the handshake
 * @param preauth whether a client whose certificate maps is logged in without asking (IMAP {@code
 *     PREAUTH})
 */
public record ClientCertificateSettings(
    Path authorities,
    int depth,
    List<Path> revocations,
    List<IdentityMapping> mappings,
    boolean required,
    boolean preauth) {
  public ClientCertificateSettings {
    revocations = List.copyOf(revocations);
    mappings = List.copyOf(mappings);
  }

  /** Returns every file that is read, for whoever watches them. */
  public List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    paths.add(authorities);
    paths.addAll(revocations);
    for (IdentityMapping mapping : mappings) {
      if (mapping instanceof IdentityMapping.Fingerprints fingerprints) {
        paths.add(fingerprints.file());
      }
    }
    return paths;
  }

  /**
   * Reads all files. Blocks: not for an event loop.
   *
   * @param clock tells what has expired, as long as the result is in use
   */
  public ClientTrust.Loaded load(InstantSource clock) {
    return ClientTrust.load(authorities, depth, revocations, mappings, required, clock);
  }
}
