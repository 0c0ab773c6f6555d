package dev.postern.smtp;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.tls.TlsMode;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/**
 * Message submission: {@code submissions} on 465 with TLS from the first octet, {@code submission}
 * on 587 with STARTTLS (CCO-3.3, RFC 8314 §3.3).
 *
 * <p>The trace field that each message gets carries a date, so this is the one protocol that reads
 * a clock: only when a field is written, never to decide anything.
 */
public final class SubmissionProtocol implements MailProtocol {
  private static final ProtocolInfo INFO =
      new ProtocolInfo(
          "submission",
          List.of(
              new ProtocolInfo.Service("submissions", 465, TlsMode.IMPLICIT),
              new ProtocolInfo.Service("submission", 587, TlsMode.STARTTLS)),
          Set.of("smtp", "submission"),
          Set.of(BackendProfile.values()),
          new BackendOffer(
              List.of(
                  "PIPELINING",
                  "SIZE 10240000",
                  "8BITMIME",
                  "ENHANCEDSTATUSCODES",
                  "DSN",
                  "AUTH PLAIN LOGIN"),
              false,
              List.of()),
          true);

  private final InstantSource clock;

  /** Makes the protocol with the system's clock; for {@link java.util.ServiceLoader}. */
  public SubmissionProtocol() {
    this(InstantSource.system());
  }

  SubmissionProtocol(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public ProtocolInfo info() {
    return INFO;
  }

  @Override
  public Dialogue open(SessionFacts facts, Terms terms) {
    return new SubmissionDialogue(new Session(facts, terms, clock));
  }

  @Override
  public Probe probe(BackendProfile profile, Terms terms) {
    return new SubmissionProbe(profile, terms.hostname());
  }
}
