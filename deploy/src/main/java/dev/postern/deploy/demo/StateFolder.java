package dev.postern.deploy.demo;

import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.CertificateReader;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.deploy.certificate.DevelopmentCa;
import dev.postern.deploy.certificate.KeyAlgorithm;
import dev.postern.deploy.certificate.NewFiles;
import dev.postern.deploy.certificate.Pem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The folder that a demo keeps its files in, so that the next one is trusted by whoever trusted the
 * last.
 */
final class StateFolder implements AutoCloseable {
  /** Names and addresses that the certificate is for. */
  static final List<String> NAMES = List.of("localhost", "mail.example.test");

  private static final List<String> ADDRESSES = List.of("127.0.0.1", "::1");
  private static final Duration VALIDITY = Duration.ofDays(90);
  private static final Duration ENOUGH = Duration.ofDays(7);

  private final Path folder;
  private final FileChannel lock;

  private StateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Takes a folder, and makes it, for this user alone, when it is not there.
   *
   * @throws IOException when that cannot be, or when another demo has taken it
   */
  static StateFolder at(Path path) throws IOException {
    Path folder = path.toAbsolutePath().normalize();
    Files.createDirectories(folder);
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    return new StateFolder(folder, lock(folder));
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // taken by this very process
      channel.close();
      throw new IOException("another demo uses it", e);
    }
    channel.close();
    throw new IOException("another demo uses it");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  Path authority() {
    return file("ca.pem");
  }

  Path certificate() {
    return file("server.pem");
  }

  Path key() {
    return file("server.key");
  }

  /** Makes certificates unless those that are there will do for a while. */
  void certify(Instant now) throws IOException, GeneralSecurityException {
    if (isCertified(now)) {
      return;
    }
    DevelopmentCa.Issued issued =
        DevelopmentCa.issue(NAMES, ADDRESSES, now, VALIDITY, KeyAlgorithm.ECDSA);
    write(key(), Pem.encode("PRIVATE KEY", issued.server().key().getEncoded()));
    write(certificate(), Pem.encode("CERTIFICATE", issued.server().chain().get(0).getEncoded()));
    write(authority(), Pem.encode("CERTIFICATE", issued.authority().getEncoded()));
  }

  private boolean isCertified(Instant now) {
    if (!Files.exists(authority())) {
      return false;
    }
    try {
      KeyMaterial found =
          CertificateReader.read(new CertificateFiles.Pem(certificate(), key(), Optional.empty()));
      return found.chain().get(0).getNotAfter().toInstant().isAfter(now.plus(ENOUGH));
    } catch (CertificateException e) {
      return false;
    }
  }

  /** Writes a file, whole or not at all, for this user alone. */
  void write(Path file, String text) throws IOException {
    NewFiles.writeSecret(file, text);
  }
}
