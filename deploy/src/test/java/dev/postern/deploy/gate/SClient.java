package dev.postern.deploy.gate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code openssl s_client} reports of one connection.
 *
 * @param text everything it wrote
 */
record SClient(String text) {

  /** Says goodbye in IMAP, and reports when the server has closed. */
  static SClient imap(int port, String... more) throws IOException, InterruptedException {
    return run("a LOGOUT\r\n", port, more);
  }

  /**
   * Connects, writes, and reports when the server has closed.
   *
   * @param more options, among them {@code -starttls}
   */
  static SClient run(String input, int port, String... more)
      throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "openssl", "s_client", "-ign_eof", "-nocommands", "-connect", "127.0.0.1:" + port));
    words.addAll(List.of(more));
    Command ran = Command.run(input, words.toArray(String[]::new));
    return new SClient(ran.out() + ran.err());
  }

  /** IANA names by the names OpenSSL uses, as OpenSSL itself translates them. */
  static Map<String, String> standardNames() throws IOException, InterruptedException {
    Map<String, String> names = new HashMap<>();
    for (String line :
        Command.run("", "openssl", "ciphers", "-stdname", "ALL:@SECLEVEL=0")
            .out()
            .split("\n", -1)) {
      Matcher pair = Pattern.compile("(\\S+)\\s+-\\s+(\\S+)\\s.*").matcher(line);
      if (pair.matches()) {
        names.put(pair.group(2), pair.group(1));
      }
    }
    return names;
  }

  /** The version, {@code TLSv1.3}; empty when there was no handshake. */
  Optional<String> version() {
    return suite().isEmpty()
        ? Optional.empty()
        : find("Protocol *: (\\S+)").or(() -> find("(?:New|Reused), ([^,]+),"));
  }

  /** The suite as OpenSSL names it; empty when there was no handshake. */
  Optional<String> suite() {
    return find("Cipher is (?!\\(NONE\\))(\\S+)");
  }

  /** The key-exchange group in IANA's spelling; empty where OpenSSL reports none. */
  Optional<String> group() {
    return find("Server Temp Key: (?:ECDH, )?([^,\n]+)")
        .map(
            name ->
                switch (name) {
                  case "prime256v1" -> "secp256r1";
                  case "X25519" -> "x25519";
                  default -> name;
                });
  }

  boolean resumed() {
    return text.contains("Reused, ");
  }

  Optional<String> alpn() {
    return find("ALPN protocol: (\\S+)");
  }

  /** The subject of the certificate that was shown. */
  Optional<String> subject() {
    return find("subject=(.*)");
  }

  /** The alert that the server sent, in OpenSSL's words: {@code protocol version}. */
  Optional<String> alert() {
    return find("routines:[^:]*:(?:tlsv1|tlsv13|sslv3)(?: alert)? ([a-z ]+):");
  }

  private Optional<String> find(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
