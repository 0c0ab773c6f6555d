package dev.postern.smtp;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Learns what a submission server offers to the proxy before login: greeting, EHLO, QUIT. */
final class SubmissionProbe implements Probe {
  private static final String QUIT = "QUIT\r\n";

  private final BackendProfile profile;
  private final String hostname;
  private boolean greeted;
  private BackendReply partial = BackendReply.NONE;

  SubmissionProbe(BackendProfile profile, String hostname) {
    this.profile = profile;
    this.hostname = hostname;
  }

  @Override
  public Step on(ByteBuf line) {
    Optional<BackendReply> come = partial.plus(line);
    if (come.isEmpty()) {
      return new Step.Failed("answers in a way that is not SMTP; is the port right?");
    }
    partial = come.get();
    if (!partial.whole()) {
      return new Step.More();
    }
    BackendReply reply = partial;
    partial = BackendReply.NONE;
    if (!greeted) {
      greeted = true;
      return reply.code() == 220
          ? new Step.Send("EHLO " + hostname + "\r\n")
          : new Step.Failed("greets with " + reply.code() + " instead of 220; its log says why");
    }
    return reply.code() == 250
        ? new Step.Learned(offer(reply.extensions()), QUIT)
        : new Step.Failed(
            "answers EHLO with " + reply.code() + " instead of 250; its log says why");
  }

  private BackendOffer offer(List<String> lines) {
    Extensions backend = Extensions.of(lines);
    List<String> warnings = new ArrayList<>();
    if (!backend.offers("AUTH", "PLAIN") && !backend.offers("AUTH", "LOGIN")) {
      warnings.add(
          backend.offers("AUTH")
              ? "offers neither AUTH PLAIN nor AUTH LOGIN, so nobody can log in through the proxy"
              : "offers no AUTH, so nobody can log in; Postfix: smtpd_sasl_auth_enable=yes, and"
                  + " smtpd_tls_auth_only=no on the port that only the proxy reaches");
    }
    if (profile != BackendProfile.PLAIN && !backend.offers("XCLIENT")) {
      warnings.add(
          profile == BackendProfile.POSTFIX
              ? "does not offer XCLIENT, so it takes every client for the proxy; put the proxy into"
                  + " smtpd_authorized_xclient_hosts"
              : "does not offer XCLIENT, so it takes every client for the proxy; put the proxy into"
                  + " login_trusted_networks");
    }
    return new BackendOffer(lines, true, warnings);
  }
}
