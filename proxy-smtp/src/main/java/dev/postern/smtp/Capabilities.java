package dev.postern.smtp;

import dev.postern.core.deep.DeepStatus;
import dev.postern.core.snapshot.SubmissionLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
          "BURL",
          "DELIVERBY",
          "FUTURERELEASE",
          "MT-PRIORITY",
          "LIMITS",
          "HELP");

  /** A message that is more than text comes in chunks, and so does the field before a BURL. */
  private static final Set<String> NEEDING_CHUNKS = Set.of("BINARYMIME", "BURL");

  /** A limit has six digits at most (RFC 9422 §4). */
  private static final int LARGEST_LIMIT = 999_999;

  private static final String MAILMAX = "MAILMAX=";
  private static final String RCPTMAX = "RCPTMAX=";

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
        && (backend.offers("CHUNKING") || !NEEDING_CHUNKS.contains(keyword));
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
   * @param limits the proxy's own
   */
  static List<String> shown(
      Extensions backend,
      boolean login,
      boolean external,
      boolean startTls,
      DeepStatus deep,
      int traceField,
      SubmissionLimits limits) {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, String> e : backend.byKeyword().entrySet()) {
      if (carries(backend, e.getKey())) {
        String parameters =
            switch (e.getKey()) {
              case "SIZE" -> size(e.getValue(), traceField, limits.messageSize());
              case "LIMITS" -> lowered(e.getValue(), limits);
              default -> e.getValue();
            };
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

  private static String size(String backend, int traceField, long own) {
    long n = largestMessage(backend, traceField, own);
    return n < 0 ? backend : Long.toString(n);
  }

  /**
   * Returns the size of the largest message that a client may send.
   *
   * @param backend what the backend says behind SIZE; no number and 0 both mean "no fixed limit"
   *     (RFC 1870 §3)
   * @param traceField octets that each message grows by
   * @param own the proxy's limit; 0 for none
   * @return octets; -1 when there is no limit
   */
  static long largestMessage(String backend, int traceField, long own) {
    long n = 0;
    try {
      n = Long.parseLong(backend);
    } catch (NumberFormatException notOneNumber) {
      // no limit
    }
    long ofBackend = n <= 0 ? Long.MAX_VALUE : Math.max(1, n - traceField);
    long least = Math.min(ofBackend, own > 0 ? own : Long.MAX_VALUE);
    return least == Long.MAX_VALUE ? -1 : least;
  }

  /** Puts the proxy's limits where they are the lower ones (RFC 9422 §4). */
  private static String lowered(String backend, SubmissionLimits own) {
    List<String> words = new ArrayList<>();
    int mails = own.messages();
    int recipients = own.recipients();
    for (String word : backend.isEmpty() ? List.<String>of() : List.of(backend.split(" +"))) {
      String name = word.toUpperCase(Locale.ROOT);
      if (name.startsWith(MAILMAX)) {
        mails = least(word.substring(MAILMAX.length()), mails);
      } else if (name.startsWith(RCPTMAX)) {
        recipients = least(word.substring(RCPTMAX.length()), recipients);
      } else {
        words.add(word);
      }
    }
    words.add(MAILMAX + Math.min(mails, LARGEST_LIMIT));
    words.add(RCPTMAX + Math.min(recipients, LARGEST_LIMIT));
    return String.join(" ", words);
  }

  private static int least(String number, int own) {
    try {
      int n = Integer.parseInt(number);
      return n > 0 ? Math.min(n, own) : own;
    } catch (NumberFormatException notOneNumber) {
      return own;
    }
  }
}
