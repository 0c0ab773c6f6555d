package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Learns what a POP3 backend offers: greeting, CAPA, QUIT. */
final class Pop3Probe implements Probe {
  private static final int ENTRIES = 100;
  private static final int SHOWN = 100;
  private static final String GOODBYE = "QUIT\r\n";

  private final BackendProfile profile;
  private State state = new AwaitingGreeting();

  Pop3Probe(BackendProfile profile) {
    this.profile = profile;
  }

  private sealed interface State {}

  private record AwaitingGreeting() implements State {}

  private record AwaitingStatus(List<String> warnings) implements State {}

  private record Listing(List<String> capabilities, List<String> warnings) implements State {}

  private record Done() implements State {}

  /** Says whether a Dovecot's greeting shows that it will believe an XCLIENT of ours. */
  static boolean trusts(ByteBuf greeting) {
    return greeting.toString(UTF_8).contains("[XCLIENT]");
  }

  @Override
  public Step on(ByteBuf line) {
    return switch (state) {
      case AwaitingGreeting s -> greeting(line);
      case AwaitingStatus s -> status(line, s);
      case Listing s -> capability(line, s);
      case Done s -> new Step.More();
    };
  }

  private Step greeting(ByteBuf line) {
    if (!BackendLogin.isPositive(line)) {
      return failed("the greeting is not +OK: " + shown(line));
    }
    List<String> warnings =
        Xclient.isKnownTo(profile) && !trusts(line)
            ? List.of(
                "the backend does not trust the proxy (no [XCLIENT] in its greeting), so it sees every client with the"
                    + " proxy's address: add the proxy's network to login_trusted_networks in Dovecot")
            : List.of();
    state = new AwaitingStatus(warnings);
    return new Step.Send("CAPA\r\n");
  }

  private Step status(ByteBuf line, AwaitingStatus s) {
    if (BackendLogin.isPositive(line)) {
      state = new Listing(List.of(), s.warnings());
      return new Step.More();
    }
    // RFC 1939 alone: nothing but USER and PASS can be relied on.
    return learned(
        List.of("USER"),
        with(s.warnings(), "the backend does not know CAPA; clients are shown USER and no more"));
  }

  private Step capability(ByteBuf line, Listing s) {
    String entry = line.toString(UTF_8);
    if (!entry.equals(".")) {
      if (s.capabilities().size() == ENTRIES) {
        return failed("more than " + ENTRIES + " capabilities");
      }
      state =
          new Listing(
              entry.isBlank() || entry.startsWith(".")
                  ? s.capabilities()
                  : with(s.capabilities(), entry.strip()),
              s.warnings());
      return new Step.More();
    }
    return learned(
        s.capabilities(),
        Capabilities.carriesLogin(s.capabilities())
            ? s.warnings()
            : with(
                s.warnings(),
                "the backend offers neither USER nor SASL PLAIN on the proxy's link, so nobody can log in: allow plaintext"
                    + " authentication there (Dovecot 2.3: disable_plaintext_auth=no or login_trusted_networks; 2.4:"
                    + " auth_allow_cleartext=yes)"));
  }

  private Step learned(List<String> capabilities, List<String> warnings) {
    state = new Done();
    return new Step.Learned(new BackendOffer(capabilities, true, warnings), GOODBYE);
  }

  private Step failed(String reason) {
    state = new Done();
    return new Step.Failed(reason);
  }

  private static List<String> with(List<String> list, String more) {
    List<String> longer = new ArrayList<>(list);
    longer.add(more);
    return List.copyOf(longer);
  }

  /** For the log: printable ASCII, and not too much of it. */
  private static String shown(ByteBuf line) {
    StringBuilder out = new StringBuilder();
    int to = Math.min(line.writerIndex(), line.readerIndex() + SHOWN);
    for (int i = line.readerIndex(); i < to; i++) {
      byte b = line.getByte(i);
      out.append(b >= ' ' && b < 0x7f ? (char) b : '?');
    }
    return out.toString();
  }
}
