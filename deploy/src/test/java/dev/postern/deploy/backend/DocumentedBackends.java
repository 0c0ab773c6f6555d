package dev.postern.deploy.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Dovecot and Postfix with the settings that a document tells operators to make, as they stand
 * there. The tests' own configuration gives the rest: all that the document sets is taken out of it
 * first, so what the document forgets is missing.
 */
public final class DocumentedBackends {
  private static final String PROXY = "10.0.0.2";
  private static final String SERVER = "10.0.0.5";

  /** Lines of the fixture that stand in for what the document says. */
  private static final List<String> DOVECOT =
      List.of("login_trusted_networks", "disable_plaintext_auth", "auth_mechanisms", "ssl");

  private static final List<String> POSTFIX =
      List.of(
          "smtpd_authorized_xclient_hosts",
          "inet_protocols",
          "smtpd_sasl_type",
          "smtpd_sasl_path",
          "smtpd_sasl_auth_enable",
          "smtpd_relay_restrictions",
          "smtpd_recipient_restrictions",
          "smtpd_tls_security_level",
          "smtpd_tls_auth_only");

  private DocumentedBackends() {}

  /**
   * Starts both; the proxy and the servers of the document are all at 127.0.0.1.
   *
   * @param document Markdown with one block each of {@code dovecot}, {@code main.cf} and {@code
   *     master.cf}
   */
  public static MailBackends start(Path document) throws IOException {
    String text = Files.readString(document);
    return ProcessBackends.start(
        new Settings(
            template -> without(DOVECOT, listeners(template)) + dovecot(block(text, "dovecot")),
            template -> without(POSTFIX, template) + postfix(block(text, "main.cf")),
            template -> master(template, block(text, "master.cf"))));
  }

  private static String block(String document, String kind) {
    Matcher block =
        Pattern.compile("(?ms)^```" + Pattern.quote(kind) + "\n(.*?)^```$").matcher(document);
    if (!block.find()) {
      throw new IllegalArgumentException("no block " + kind);
    }
    String found = block.group(1);
    if (block.find()) {
      throw new IllegalArgumentException("more than one block " + kind);
    }
    return found;
  }

  private static String without(List<String> settings, String template) {
    return Pattern.compile("(?m)^(" + String.join("|", settings) + ") *=.*\n")
            .matcher(template)
            .replaceAll("")
        + "\n";
  }

  /** Ports and addresses are the document's business; the fixture's were for the tests' own. */
  private static String listeners(String template) {
    return template
        .replace("address = 127.0.0.1\n    port = ${imapPort}", "")
        .replace("address = 127.0.0.1\n    port = ${pop3Port}", "")
        .replace("unix_listener ${saslSocket} {\n    mode = 0666\n  }", "");
  }

  private static String dovecot(String block) {
    return set(
        set(
            set(here(block), "port = 143", "port = ${imapPort}"),
            "port = 110",
            "port = ${pop3Port}"),
        "/var/spool/postfix/private/auth",
        "${saslSocket}");
  }

  private static String postfix(String block) {
    return set(here(block), "private/auth", "${saslSocket}");
  }

  private static String master(String template, String block) {
    return set(
        template,
        "127.0.0.1:${smtpPort}  inet       n       -      n      -      -       smtpd\n",
        set(here(block), "127.0.0.1:587", "127.0.0.1:${smtpPort}"));
  }

  private static String here(String block) {
    return block.replace(PROXY, "127.0.0.1").replace(SERVER, "127.0.0.1");
  }

  private static String set(String text, String from, String to) {
    if (!text.contains(from)) {
      throw new IllegalArgumentException("nothing to replace: " + from);
    }
    return text.replace(from, to);
  }
}
