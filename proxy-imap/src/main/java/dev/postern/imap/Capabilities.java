package dev.postern.imap;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The capabilities that clients are shown: the backend's, without those that a proxy cannot keep,
 * with the proxy's own.
 *
 * <p>{@code COMPRESS=DEFLATE} (RFC 4978) is among those left out: behind it no command could be
 * looked at any more, so neither a later ID could be answered with the DEEP status nor a forged one
 * be kept from the backend.
 */
final class Capabilities {
  /**
   * Left out whoever offers them; {@code STARTTLS} and {@code LOGINDISABLED} speak of the backend's
   * own channel.
   */
  private static final Set<String> NEVER =
      Set.of(
          "STARTTLS",
          "LOGINDISABLED",
          "LOGIN-REFERRALS",
          "MAILBOX-REFERRALS",
          "UNAUTHENTICATE",
          "COMPRESS=DEFLATE");

  /** Mechanisms whose credentials can be carried to any backend. */
  private static final Set<String> MECHANISMS = Set.of("AUTH=PLAIN", "AUTH=LOGIN");

  private Capabilities() {}

  /**
   * Says what is shown before login.
   *
   * @param offer what the backend offers
   * @param startTls whether STARTTLS would work on this connection now
   * @param loginPossible whether policy could let anybody log in on this connection
   * @param external whether this client may log in by its certificate
   */
  static List<String> beforeLogin(
      List<String> offer, boolean startTls, boolean loginPossible, boolean external) {
    List<String> shown = new ArrayList<>(offer.size() + 4);
    for (String capability : offer) {
      String upper = capability.toUpperCase(Locale.ROOT);
      boolean mechanism = upper.startsWith("AUTH=");
      if (mechanism ? loginPossible && MECHANISMS.contains(upper) : !NEVER.contains(upper)) {
        shown.add(capability);
      }
    }
    // Carried as LOGIN where the backend knows no PLAIN; curl takes nothing else after STARTTLS.
    if (loginPossible && !offers(shown, "AUTH=PLAIN") && !offers(offer, "LOGINDISABLED")) {
      shown.add("AUTH=PLAIN");
    }
    if (loginPossible && external) {
      shown.add("AUTH=EXTERNAL");
    }
    addOwn(shown);
    if (startTls) {
      shown.add("STARTTLS");
    }
    if (!loginPossible) {
      shown.add("LOGINDISABLED");
    }
    return shown;
  }

  /**
   * Says what is shown after login: no mechanism, for nobody logs in twice.
   *
   * @param offer what the backend offers now
   */
  static List<String> afterLogin(List<String> offer) {
    List<String> shown = new ArrayList<>(offer.size() + 2);
    for (String capability : offer) {
      String upper = capability.toUpperCase(Locale.ROOT);
      if (!upper.startsWith("AUTH=") && !NEVER.contains(upper)) {
        shown.add(capability);
      }
    }
    addOwn(shown);
    return shown;
  }

  /** Says whether an offer holds a capability, in any case of letters. */
  static boolean offers(List<String> offer, String capability) {
    for (String each : offer) {
      if (each.equalsIgnoreCase(capability)) {
        return true;
      }
    }
    return false;
  }

  /** Takes the capabilities out of text that holds them separated by spaces. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int space = text.indexOf(' ', from);
      int to = space < 0 ? text.length() : space;
      if (to > from) {
        words.add(text.substring(from, to));
      }
      from = to + 1;
    }
    return words;
  }

  private static void addOwn(List<String> shown) {
    if (!offers(shown, "ID")) {
      shown.add("ID");
    }
    if (!offers(shown, "DEEP")) {
      shown.add("DEEP");
    }
  }
}
