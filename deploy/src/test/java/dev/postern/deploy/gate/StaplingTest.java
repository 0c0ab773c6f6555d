package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OCSP responses of OpenSSL's responder, stapled to handshakes with OpenSSL's client. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StaplingTest {
  private static final String GOOD = "1001";
  private static final String REVOKED = "1002";

  private final MailBackends backends;
  private Process responder;
  private Gate gate;

  StaplingTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    Pki.found(folder, "root");
    Files.writeString(
        folder.resolve("index.txt"),
        "V\t991231235959Z\t\t"
            + GOOD
            + "\tunknown\t/CN=good\n"
            + "R\t991231235959Z\t260101000000Z\t"
            + REVOKED
            + "\tunknown\t/CN=revoked\n");
    int port = startResponder(folder);
    issue(folder, "good", GOOD, port);
    issue(folder, "revoked", REVOKED, port);
    gate =
        Gate.configured(
            backends,
            folder,
            """
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
            certificates:
              - { name: good, chain: good.pem, key: good.key, ocsp: fetch }
              - { name: revoked, chain: revoked.pem, key: revoked.key, ocsp: fetch }
            """);
  }

  @AfterAll
  void close() throws Exception {
    try {
      gate.close();
    } finally {
      responder.destroy();
      responder.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private int startResponder(Path folder) throws IOException {
    responder =
        new ProcessBuilder(
                "openssl",
                "ocsp",
                "-port",
                "0",
                "-index",
                folder.resolve("index.txt").toString(),
                "-CA",
                folder.resolve("root-ca.pem").toString(),
                "-rsigner",
                folder.resolve("root-ca.pem").toString(),
                "-rkey",
                folder.resolve("root-ca.key").toString(),
                "-nmin",
                "60")
            .redirectErrorStream(true)
            .start();
    BufferedReader said = responder.inputReader(UTF_8);
    Pattern accepting = Pattern.compile("ACCEPT \\S*:(\\d+) .*");
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      Matcher port = accepting.matcher(line);
      if (port.matches()) {
        return Integer.parseInt(port.group(1));
      }
    }
    throw new IOException("the responder does not say where it listens");
  }

  private static void issue(Path folder, String name, String serial, int port) throws Exception {
    Path extensions =
        Files.writeString(
            folder.resolve(name + ".ext"),
            """
            subjectAltName = DNS:%s.example.org
            extendedKeyUsage = serverAuth
            authorityInfoAccess = OCSP;URI:http://127.0.0.1:%d/
            """
                .formatted(name, port));
    openssl(
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-keyout",
        folder.resolve(name + ".key").toString(),
        "-out",
        folder.resolve(name + ".csr").toString());
    openssl(
        "x509",
        "-req",
        "-in",
        folder.resolve(name + ".csr").toString(),
        "-CA",
        folder.resolve("root-ca.pem").toString(),
        "-CAkey",
        folder.resolve("root-ca.key").toString(),
        "-set_serial",
        "0x" + serial,
        "-days",
        "30",
        "-extfile",
        extensions.toString(),
        "-out",
        folder.resolve(name + ".pem").toString());
    // whom the response is asked of
    Files.writeString(
        folder.resolve(name + ".pem"),
        Files.readString(folder.resolve("root-ca.pem")),
        StandardOpenOption.APPEND);
  }

  private static void openssl(String... words) throws Exception {
    List<String> all = new java.util.ArrayList<>(List.of("openssl"));
    all.addAll(List.of(words));
    Command done = Command.run("", all.toArray(String[]::new));
    assertThat(done.exit()).as(done.err()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, -tls1_2, ''",
    "imaps, -tls1_3, ''",
    "imap, -tls1_3, imap",
    "submission, -tls1_3, smtp"
  })
  @Tag("CCO-4.4")
  void aGoodCertificateComesWithItsResponse(String listener, String version, String startTls)
      throws Exception {
    Awaitility.await("the response was fetched")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(status("good.example.org", listener, version, startTls))
                    .contains("OCSP Response Status: successful")
                    .contains("Cert Status: good"));
  }

  @ParameterizedTest
  @CsvSource({"-tls1_2", "-tls1_3"})
  void aRevokedCertificateComesWithNone(String version) throws Exception {
    Awaitility.await("the responder has said so")
        .atMost(Duration.ofSeconds(30))
        .until(() -> gate.server().staples().get("revoked").detail().contains("REVOKED"));
    assertThat(status("revoked.example.org", "imaps", version, ""))
        .contains("OCSP response: no response sent")
        .contains("* OK");
  }

  private String status(String name, String listener, String version, String startTls)
      throws Exception {
    String[] options =
        startTls.isEmpty()
            ? new String[] {"-status", "-servername", name, version}
            : new String[] {"-status", "-servername", name, version, "-starttls", startTls};
    return SClient.run("a LOGOUT\r\nQUIT\r\n", gate.port(listener), options).text();
  }
}
