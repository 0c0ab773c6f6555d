package dev.postern.core.protocol;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.snapshot.Terms;

/**
 * One mail protocol, found by {@link java.util.ServiceLoader}. Instances are stateless and shared
 * by all event loops.
 */
public interface MailProtocol {

  /** Returns names, services and defaults. */
  ProtocolInfo info();

  /**
   * Opens the dialogue of a new session.
   *
   * @param facts who connected, where, and what the backend is known to offer
   * @param terms the configuration in force; the session keeps it
   */
  Dialogue open(SessionFacts facts, Terms terms);

  /**
   * Opens a conversation that learns what a backend offers before login.
   *
   * @param profile kind of server
   * @param terms the configuration in force
   */
  Probe probe(BackendProfile profile, Terms terms);
}
