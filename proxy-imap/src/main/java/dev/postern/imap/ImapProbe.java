package dev.postern.imap;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Learns what an IMAP backend offers before login: from its greeting, or from CAPABILITY where the
 * greeting does not say. A Dovecot is then given an ID, as each session gives one: its answer tells
 * whether it trusts the proxy.
 */
final class ImapProbe implements Probe {
  private enum Waiting {
    GREETING,
    CAPABILITY,
    ID
  }

  private final BackendProfile profile;
  private Waiting waiting = Waiting.GREETING;
  private List<String> offer = List.of();

  ImapProbe(BackendProfile profile) {
    this.profile = profile;
  }

  @Override
  public Step on(ByteBuf line) {
    String text = line.toString(UTF_8);
    Response response = Response.parse(text);
    if (response != null && response.answers("*") && response.condition().equals("BYE")) {
      return new Step.Failed("the backend closes: " + response.text());
    }
    return switch (waiting) {
      case GREETING -> greeted(response);
      case CAPABILITY -> capabilities(text, response);
      case ID ->
          response != null && response.answers("I") ? learned(trusts(response)) : new Step.More();
    };
  }

  private Step greeted(@Nullable Response greeting) {
    if (greeting == null || !greeting.answers("*")) {
      return new Step.Failed(
          "the backend does not greet as an IMAP server does: is the port right, or does it expect TLS?");
    }
    if (!greeting.isOk()) {
      return new Step.Failed(
          "the backend greets with "
              + greeting.condition()
              + ": it must expect a login on this port");
    }
    List<String> offered = greeting.capabilities();
    if (offered != null) {
      offer = offered;
      return known();
    }
    waiting = Waiting.CAPABILITY;
    return new Step.Send("C CAPABILITY\r\n");
  }

  private Step capabilities(String line, @Nullable Response response) {
    if (line.regionMatches(true, 0, "* CAPABILITY ", 0, 13)) {
      offer = Capabilities.words(line.substring(13));
    }
    if (response == null || !response.answers("C")) {
      return new Step.More();
    }
    return response.isOk() && !offer.isEmpty()
        ? known()
        : new Step.Failed("the backend does not answer CAPABILITY: " + response.text());
  }

  private Step known() {
    return switch (profile) {
      case DOVECOT_2_4 -> {
        if (!Capabilities.offers(offer, "ID")) {
          yield learned(false);
        }
        waiting = Waiting.ID;
        yield new Step.Send("I ID (\"x-session-id\" \"postern-probe\")\r\n");
      }
      case DOVECOT_2_3, POSTFIX, PLAIN -> learned(true);
    };
  }

  private static boolean trusts(Response answer) {
    return answer.isOk() && answer.text().toLowerCase(Locale.ROOT).contains("trusted");
  }

  private Step learned(boolean trusted) {
    List<String> warnings = new ArrayList<>();
    if (!trusted) {
      warnings.add(
          "the backend does not trust the proxy and will log its address for every client's:"
              + " add it to login_trusted_networks");
    }
    if (Capabilities.offers(offer, "LOGINDISABLED")) {
      warnings.add(
          "the backend takes no passwords on its cleartext port (LOGINDISABLED):"
              + " add the proxy to login_trusted_networks, or set disable_plaintext_auth=no"
              + " (Dovecot 2.4: auth_allow_cleartext=yes)");
    }
    return new Step.Learned(new BackendOffer(offer, true, warnings), "Q LOGOUT\r\n");
  }
}
