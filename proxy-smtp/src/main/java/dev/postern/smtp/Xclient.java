package dev.postern.smtp;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.SessionFacts;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The XCLIENT commands that tell a backend who the client is. Only attributes that the backend
 * advertises are sent: Postfix answers others with 501. {@code LOGIN} is sent for users without a
 * password; else an AUTH of the user's own follows.
 *
 * <p>{@code PROTO}, {@code HELO}, {@code LOGIN} and {@code ADDR} stand together in the last
 * command, the address last of all: with it the backend may take its trust away, and a command
 * without the others makes Postfix forget them.
 */
final class Xclient {
  private static final String VERB = "XCLIENT";

  /** Longest command, without CRLF (RFC 5321 §4.5.3.1.4). */
  private static final int LONGEST = 510;

  /** Longest value that Postfix takes. */
  private static final int LONGEST_VALUE = 255;

  private static final String HEX = "0123456789ABCDEF";

  private Xclient() {}

  /** Words that stand for no value; Postfix takes them in capitals only. */
  private static final Set<String> NO_VALUE = Set.of("[UNAVAILABLE]", "[TEMPUNAVAIL]");

  /**
   * Says whether a user can be named to a backend, so that it takes nobody else for logged in, and
   * not nobody. That it offers LOGIN says that it trusts the proxy.
   */
  static boolean names(String user, Extensions backend) {
    return backend.offers(VERB, "LOGIN")
        && !NO_VALUE.contains(user.toUpperCase(Locale.ROOT))
        && user.chars().allMatch(c -> c >= ' ' && c < 0x7f)
        && xtext(user).length() <= LONGEST_VALUE;
  }

  /**
   * Lists the commands, CRLF included; none when the backend is told nothing.
   *
   * @param user who is logged in without an AUTH to come; {@linkplain #names nameable}
   */
  static List<String> commands(
      SessionFacts facts, Client client, Extensions backend, Optional<String> user) {
    if (facts.profile() == BackendProfile.PLAIN || !backend.offers(VERB)) {
      return List.of();
    }
    List<String> first = new ArrayList<>();
    List<String> last = new ArrayList<>();
    InetAddress address = facts.client().getAddress();
    // Else the backend keeps the proxy's name for the client's address. The proxy resolves no
    // names.
    add(first, backend, "NAME", "[UNAVAILABLE]");
    add(first, backend, "PORT", Integer.toString(facts.client().getPort()));
    add(first, backend, "DESTADDR", AddressLiteral.xclient(facts.local().getAddress()));
    add(first, backend, "DESTPORT", Integer.toString(facts.local().getPort()));
    client.tls().flatMap(t -> t.serverName()).ifPresent(n -> add(first, backend, "DESTNAME", n));
    add(first, backend, "SESSION", facts.session());
    add(first, backend, "TTL", "6");
    add(first, backend, "CLIENT-TRANSPORT", client.tls().isPresent() ? "TLS" : "insecure");
    add(last, backend, "PROTO", client.extended() ? "ESMTP" : "SMTP");
    if (client.presentable()) {
      add(last, backend, "HELO", client.helo());
    }
    user.ifPresent(u -> add(last, backend, "LOGIN", u));
    add(last, backend, "ADDR", AddressLiteral.xclient(address));
    if (VERB.length() + String.join("", last).length() > LONGEST) {
      // the EHLO that follows says it again
      last.removeIf(attribute -> attribute.startsWith(" HELO="));
    }

    List<String> commands = new ArrayList<>();
    StringBuilder command = new StringBuilder(VERB);
    String end = String.join("", last);
    for (String attribute : first) {
      if (command.length() + attribute.length() > LONGEST) {
        commands.add(command.append("\r\n").toString());
        command = new StringBuilder(VERB);
      }
      command.append(attribute);
    }
    if (command.length() + end.length() > LONGEST) {
      commands.add(command.append("\r\n").toString());
      command = new StringBuilder(VERB);
    }
    command.append(end);
    if (command.length() > VERB.length()) {
      commands.add(command.append("\r\n").toString());
    }
    return List.copyOf(commands);
  }

  private static void add(List<String> to, Extensions backend, String name, String value) {
    if (backend.offers(VERB, name)) {
      String encoded = xtext(value);
      if (encoded.length() <= LONGEST_VALUE) {
        to.add(" " + name + "=" + encoded);
      }
    }
  }

  /** RFC 3461 §4. */
  private static String xtext(String value) {
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > ' ' && c < 0x7f && c != '+' && c != '=') {
        out.append(c);
      } else {
        out.append('+').append(HEX.charAt((c >> 4) & 15)).append(HEX.charAt(c & 15));
      }
    }
    return out.toString();
  }
}
