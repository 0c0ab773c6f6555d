package dev.postern.smtp;

import dev.postern.core.deep.DeepStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the proxy offers in its own answer to EHLO. Of the backend's extensions only those pass that
 * are on a list, because an extension may bring commands and parameters that a proxy must
 * understand to carry; {@code AUTH}, {@code STARTTLS} and {@code DEEP} are the proxy's own.
 */
final class Capabilities {

  private static final Set<String> CARRIED =
      Set.of(
          "PIPELINING",
          "SIZE",
          "8BITMIME",
          "SMTPUTF8",
          "DSN",
          "ENHANCEDSTATUSCODES",
          "CHUNKING",
          "BINARYMIME",
          "DELIVERBY",
          "FUTURERELEASE",
          "MT-PRIORITY",
          "LIMITS",
          "HELP");

  private Capabilities() {}

  /**
   * Says whether an extension is offered to clients.
   *
   * @param backend what the backend offers
   * @param keyword in upper case
   */
  static boolean carries(Extensions backend, String keyword) {
    return CARRIED.contains(keyword)
        && backend.offers(keyword)
        && (!keyword.equals("BINARYMIME") || backend.offers("CHUNKING"));
  }

  /**
   * Lists the lines that follow the proxy's name.
   *
   * @param backend what the backend offers
   * @param login whether anybody could log in on this connection
   * @param external whether this client may log in by its certificate
   * @param startTls whether STARTTLS would work, and is not done
   * @param deep the DEEP status (DEEP-7.3)
   * @param traceField greatest length of the trace field, in octets; each message grows by it
   */
  static List<String> shown(
      Extensions backend,
      boolean login,
      boolean external,
      boolean startTls,
      DeepStatus deep,
      int traceField) {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, String> e : backend.byKeyword().entrySet()) {
      if (carries(backend, e.getKey())) {
        String parameters =
            e.getKey().equals("SIZE") ? lowered(e.getValue(), traceField) : e.getValue();
        lines.add(line(e.getKey(), parameters));
      }
    }
    if (login) {
      // One of the two is enough: the proxy has the credentials and turns the one into the other.
      boolean passwords = backend.offers("AUTH", "PLAIN") || backend.offers("AUTH", "LOGIN");
      if (passwords || external) {
        lines.add("AUTH" + (passwords ? " PLAIN LOGIN" : "") + (external ? " EXTERNAL" : ""));
      }
    }
    if (startTls) {
      lines.add("STARTTLS");
    }
    lines.add(line("DEEP", deep.wire()));
    return lines;
  }

  private static String line(String keyword, String parameters) {
    return parameters.isEmpty() ? keyword : keyword + " " + parameters;
  }

  /** No number and 0 both mean "no fixed limit" (RFC 1870 §3): nothing to lower. */
  private static String lowered(String size, int by) {
    try {
      long n = Long.parseLong(size);
      return n <= 0 ? size : Long.toString(Math.max(1, n - by));
    } catch (NumberFormatException notOneNumber) {
      return size;
    }
  }
}
