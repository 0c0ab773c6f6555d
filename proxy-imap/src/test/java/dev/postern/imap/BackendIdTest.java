package dev.postern.imap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendIdTest {

  private static String command(String session, String suite, String serverName) {
    TlsFacts tls =
        new TlsFacts(
            TlsVersion.TLS_1_3,
            suite,
            Optional.empty(),
            Optional.of(serverName),
            Optional.empty(),
            false,
            TlsMode.IMPLICIT);
    SessionFacts facts =
        new SessionFacts(
            session,
            "imaps",
            TlsMode.IMPLICIT,
            false,
            new InetSocketAddress("192.0.2.1", 1),
            new InetSocketAddress("192.0.2.2", 993),
            BackendProfile.DOVECOT_2_4,
            new ImapProtocol().info().assumed());
    String command = BackendId.command("I", facts, Client.fresh(Optional.of(tls), true));
    return command == null ? "" : command;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\nb LOGIN x y",
        "a\r",
        "a\n",
        "a\0",
        "a\t",
        "a\u007f",
        "b\u00fccher.example",
        "\u010d"
      })
  @Tag("DEEP-7.1c")
  void leavesOutWhatIsNotPrintable(String bad) {
    assertThat(command("S", "TLS_X", bad))
        .doesNotContain("x-connected-name", bad)
        .endsWith("\"tls\" \"TLS_X\")\r\n")
        .hasLineCount(1);
    assertThat(command("S", bad, "mail.example.org"))
        .endsWith("\"x-connected-name\" \"mail.example.org\")\r\n")
        .hasLineCount(1);
    assertThat(command(bad, "TLS_X", "mail.example.org"))
        .startsWith("I ID (\"x-originating-ip\"")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\"b", "a\\b"})
  void quotesWhatMustBeQuoted(String name) {
    String quoted = name.replace("\\", "\\\\").replace("\"", "\\\"");
    assertThat(command("S", "TLS_X", name)).contains("\"x-connected-name\" \"" + quoted + "\" ");
  }
}
