package dev.postern.pop3;

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

/** POP3: {@code pop3s} on 995 (CCO-3.1) and {@code pop3} with STLS on 110 (RFC 2595 §4). */
public final class Pop3Protocol implements MailProtocol {
  private static final ProtocolInfo INFO =
      new ProtocolInfo(
          "pop3",
          List.of(
              new Service("pop3s", 995, TlsMode.IMPLICIT),
              new Service("pop3", 110, TlsMode.STARTTLS)),
          Set.of("pop3"),
          Set.of(BackendProfile.DOVECOT_2_3, BackendProfile.DOVECOT_2_4, BackendProfile.PLAIN),
          new BackendOffer(
              List.of(
                  "TOP",
                  "UIDL",
                  "RESP-CODES",
                  "PIPELINING",
                  "AUTH-RESP-CODE",
                  "USER",
                  "SASL PLAIN LOGIN"),
              false,
              List.of()));

  @Override
  public ProtocolInfo info() {
    return INFO;
  }

  @Override
  public Dialogue open(SessionFacts facts, Terms terms) {
    return new Pop3Dialogue(facts, terms);
  }

  @Override
  public Probe probe(BackendProfile profile, Terms terms) {
    return new Pop3Probe(profile);
  }
}
