package dev.postern.deploy.cli;

import dev.postern.core.server.Protocols;
import dev.postern.deploy.process.Surroundings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.Clock;
import java.time.Duration;

/** This process's own surroundings. */
final class Console {
  private Console() {}

  static Surroundings surroundings(Protocols protocols, Clock clock, Duration watchInterval) {
    return new Surroundings(
        protocols,
        // Not System.out, which would swallow the error of a reader that has gone away.
        new FileOutputStream(FileDescriptor.out),
        clock,
        watchInterval);
  }
}
