package dev.postern.core.server;

import dev.postern.core.tls.ServerCertificate;
import java.time.Instant;
import java.util.Optional;

/** What became of reading a certificate. */
public sealed interface CertificateState {

  /** Returns what the configuration calls it. */
  String name();

  /** Returns what can be shown to clients. */
  Optional<ServerCertificate> usable();

  /** Returns why what the files hold is not in force, in words that say what to do. */
  Optional<String> problem();

  /**
   * What the files hold is in force.
   *
   * @param certificate the certificate
   */
  record Loaded(ServerCertificate certificate) implements CertificateState {
    @Override
    public String name() {
      return certificate.name();
    }

    @Override
    public Optional<ServerCertificate> usable() {
      return Optional.of(certificate);
    }

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }
  }

  /**
   * The one that was in force before stays, because what the files hold is worse.
   *
   * @param certificate the certificate
   * @param reason what is wrong with the files
   * @param until when the files become good by themselves; empty where they must be changed
   */
  record Kept(ServerCertificate certificate, String reason, Optional<Instant> until)
      implements CertificateState {
    /** The files must be changed. */
    public Kept(ServerCertificate certificate, String reason) {
      this(certificate, reason, Optional.empty());
    }

    @Override
    public String name() {
      return certificate.name();
    }

    @Override
    public Optional<ServerCertificate> usable() {
      return Optional.of(certificate);
    }

    @Override
    public Optional<String> problem() {
      return Optional.of(reason);
    }
  }

  /**
   * There is none to show.
   *
   * @param name what the configuration calls it
   * @param reason what is wrong with the files
   */
  record Unusable(String name, String reason) implements CertificateState {
    @Override
    public Optional<ServerCertificate> usable() {
      return Optional.empty();
    }

    @Override
    public Optional<String> problem() {
      return Optional.of(reason);
    }
  }
}
