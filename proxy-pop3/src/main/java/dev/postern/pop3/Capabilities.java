package dev.postern.pop3;

import dev.postern.core.deep.DeepStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the proxy shows in CAPA (RFC 2449 §5): the backend's own list, without what the proxy
 * answers for itself.
 */
final class Capabilities {
  /** Said by the proxy as the session's state has it, or not at all. */
  private static final Set<String> NEVER_COPIED =
      Set.of(
          "STLS",
          "USER",
          "SASL",
          "APOP",
          "XCLIENT",
          "DEEP",
          "RESP-CODES",
          "AUTH-RESP-CODE",
          "IMPLEMENTATION",
          // Only valid before login (RFC 6856 §2.1), when there is no backend to switch yet.
          "UTF8");

  private final List<String> backend;
  private final DeepStatus deep;

  /**
   * @param backend what the backend offers, one entry a capability
   * @param deep the status to show (DEEP-7.2)
   */
  Capabilities(List<String> backend, DeepStatus deep) {
    this.backend = backend;
    this.deep = deep;
  }

  /** Says whether the backend offers a SASL mechanism. */
  static boolean offersSasl(List<String> backend, String mechanism) {
    return backend.stream()
        .map(c -> c.toUpperCase(Locale.ROOT).split(" "))
        .anyMatch(w -> w[0].equals("SASL") && List.of(w).indexOf(mechanism) > 0);
  }

  /** Says whether the proxy can log anybody in at a backend with this offer. */
  static boolean carriesLogin(List<String> backend) {
    return offersSasl(backend, "PLAIN")
        || backend.stream().anyMatch(c -> keyword(c).equals("USER"));
  }

  /**
   * The list before login.
   *
   * @param stls whether STLS would work now
   * @param login whether policy could let anybody on this connection log in
   * @param external whether this client may log in by its certificate
   */
  String beforeLogin(boolean stls, boolean login, boolean external) {
    List<String> own = new ArrayList<>();
    if (stls) {
      own.add("STLS");
    }
    if (login && carriesLogin(backend)) {
      own.add("USER");
      own.add("SASL " + String.join(" ", mechanisms(external)));
    }
    return answer(own, "LANG");
  }

  /**
   * The mechanisms that a client may use.
   *
   * @param external whether it may log in by its certificate
   */
  static List<String> mechanisms(boolean external) {
    return external ? List.of("PLAIN", "LOGIN", "EXTERNAL") : List.of("PLAIN", "LOGIN");
  }

  /** The list after login. */
  String afterLogin() {
    return answer(List.of(), "");
  }

  /**
   * Reads the capabilities of a backend's answer to CAPA; none of a negative one, from a server
   * without RFC 2449.
   *
   * @param answer all of it, CRLFs included
   */
  static List<String> listed(String answer) {
    if (!answer.startsWith("+")) {
      return List.of();
    }
    List<String> lines = answer.lines().map(String::strip).toList();
    return lines.stream().skip(1).filter(l -> !l.startsWith(".")).toList();
  }

  private String answer(List<String> own, String hidden) {
    StringBuilder out = new StringBuilder("+OK Capability list follows\r\n");
    for (String c : backend) {
      String keyword = keyword(c);
      if (!keyword.isEmpty() && !NEVER_COPIED.contains(keyword) && !keyword.equals(hidden)) {
        out.append(c).append("\r\n");
      }
    }
    out.append("RESP-CODES\r\nAUTH-RESP-CODE\r\n");
    own.forEach(c -> out.append(c).append("\r\n"));
    String status = deep.wire();
    return out.append(status.isEmpty() ? "DEEP" : "DEEP " + status).append("\r\n.\r\n").toString();
  }

  private static String keyword(String capability) {
    int space = capability.indexOf(' ');
    return (space < 0 ? capability : capability.substring(0, space)).toUpperCase(Locale.ROOT);
  }
}
