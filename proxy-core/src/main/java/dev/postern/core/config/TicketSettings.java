package dev.postern.core.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Whether clients can resume TLS sessions, and with which keys. */
public sealed interface TicketSettings {

  /** What is in force where the configuration says nothing. */
  TicketSettings DEFAULT = new Rotated(Duration.ofHours(1));

  /** They cannot. */
  record Off() implements TicketSettings {}

  /**
   * With keys made in this process, which no other process shares.
   *
   * @param every how long a key is the newest; it is accepted for as long again
   */
  record Rotated(Duration every) implements TicketSettings {}

  /**
   * With keys from files that several processes share.
   *
   * @param files 48 octets each; the first encrypts, all decrypt
   */
  record Files(List<Path> files) implements TicketSettings {
    public Files {
      files = List.copyOf(files);
    }
  }
}
