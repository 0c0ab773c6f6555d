package dev.postern.imap;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.protocol.ProtocolInfo.Service;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.tls.TlsMode;
import java.util.List;
import java.util.Set;

/** IMAP: {@code imaps} on 993 (RFC 8314 §3.2) and {@code imap} with STARTTLS on 143. */
public final class ImapProtocol implements MailProtocol {
  private static final ProtocolInfo INFO =
      new ProtocolInfo(
          "imap",
          List.of(
              new Service("imaps", 993, TlsMode.IMPLICIT, true),
              new Service("imap", 143, TlsMode.STARTTLS)),
          Set.of("imap"),
          Set.of(BackendProfile.DOVECOT_2_3, BackendProfile.DOVECOT_2_4, BackendProfile.PLAIN),
          new BackendOffer(
              List.of(
                  "IMAP4rev1",
                  "SASL-IR",
                  "LITERAL+",
                  "ID",
                  "ENABLE",
                  "IDLE",
                  "AUTH=PLAIN",
                  "AUTH=LOGIN"),
              false,
              List.of()));

  @Override
  public ProtocolInfo info() {
    return INFO;
  }

  @Override
  public Dialogue open(SessionFacts facts, Terms terms) {
    return new ImapDialogue(new Session(facts, terms));
  }

  @Override
  public Probe probe(BackendProfile profile, Terms terms) {
    return new ImapProbe(profile);
  }
}
