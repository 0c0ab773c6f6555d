package dev.postern.core.server;

import dev.postern.core.config.TicketSettings;
import dev.postern.core.tls.TicketKeyFiles;
import dev.postern.core.tls.TicketKeys;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;

/** The keys of session tickets in force, and where the next ones come from. Not thread-safe. */
final class Tickets {
  private final SecureRandom random;
  private TicketSettings settings = new TicketSettings.Off();
  private TicketKeys keys = TicketKeys.NONE;

  Tickets(SecureRandom random) {
    this.random = random;
  }

  /**
   * Finds the keys for a configuration, without putting them in force. Keys made in this process
   * survive a reload, since the tickets that clients hold are worth nothing without them.
   *
   * @throws StartException when a file does not hold a key
   */
  TicketKeys under(TicketSettings next) throws StartException {
    return switch (next) {
      case TicketSettings.Off off -> TicketKeys.NONE;
      case TicketSettings.Rotated rotated ->
          settings instanceof TicketSettings.Rotated ? keys : TicketKeys.random(random);
      case TicketSettings.Files files ->
          switch (TicketKeyFiles.read(files.files())) {
            case TicketKeyFiles.Result.Read read -> read.keys();
            case TicketKeyFiles.Result.Refused refused -> {
              TicketKeyFiles.Remark first = refused.problems().get(0);
              throw new StartException(
                  "session tickets: " + first.message() + "; " + first.suggestion());
            }
          };
    };
  }

  /**
   * Returns the keys that were found for a configuration as they are by now: those made in this
   * process may have been rotated since.
   *
   * @param found by {@link #under}, with nothing put in force since
   */
  TicketKeys stillUnder(TicketSettings next, TicketKeys found) {
    return next instanceof TicketSettings.Rotated && settings instanceof TicketSettings.Rotated
        ? keys
        : found;
  }

  /**
   * Puts keys in force.
   *
   * @return whether the time of the next rotation changes with it
   */
  boolean inForce(TicketSettings next, TicketKeys found) {
    Optional<Duration> before = rotatedEvery();
    settings = next;
    keys = found;
    return !before.equals(rotatedEvery());
  }

  /** Says how long a key is the newest, where keys are made in this process. */
  Optional<Duration> rotatedEvery() {
    return settings instanceof TicketSettings.Rotated rotated
        ? Optional.of(rotated.every())
        : Optional.empty();
  }

  /** Makes the next key the newest; to be called only where keys are made in this process. */
  TicketKeys rotated() {
    keys = keys.rotated(random);
    return keys;
  }
}
