package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What {@code sslscan} finds when it tries everything that TLS has had since SSL 2. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsScanTest {
  private ScriptedServer imap;
  private ScriptedServer pop3;
  private ScriptedServer submission;
  private Gate gate;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    Command.need("sslscan", "sslscan", "--version");
    imap = ScriptedServer.imap();
    pop3 = ScriptedServer.pop3();
    submission = ScriptedServer.smtp();
    gate =
        Gate.before(
            "plain", imap.address(), pop3.address(), "plain", submission.address(), folder, "");
  }

  @AfterAll
  void close() throws Exception {
    for (AutoCloseable opened : new AutoCloseable[] {gate, imap, pop3, submission}) {
      if (opened != null) {
        opened.close();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, ''",
    "imap, --starttls-imap",
    "pop3s, ''",
    "pop3, --starttls-pop3",
    "submissions, ''",
    "submission, --starttls-smtp"
  })
  @Tag("DEEP-9.1b")
  @Tag("DEEP-9.1a")
  void aScannerFindsOnlyForwardSecretAeadSuitesOfTls12And13(String service, String startTls)
      throws Exception {
    Document found = scan(service, startTls);
    assertThat(
            all(
                found,
                "protocol",
                p -> is(p, "enabled") ? p.getAttribute("type") + p.getAttribute("version") : ""))
        .containsExactlyInAnyOrder("tls1.2", "tls1.3");
    // By number, since the scanner has names of its own: RFC 8446 §B.4, RFC 5289, RFC 7905. The
    // gate's key is for ECDSA.
    assertThat(all(found, "cipher", c -> c.getAttribute("sslversion") + " " + c.getAttribute("id")))
        .containsExactlyInAnyOrder(
            "TLSv1.3 0x1301",
            "TLSv1.3 0x1302",
            "TLSv1.3 0x1303",
            "TLSv1.2 0xC02B",
            "TLSv1.2 0xC02C",
            "TLSv1.2 0xCCA9");
    // Debian's scanner is built without compression, and then has no element for it.
    NodeList compression = found.getElementsByTagName("compression");
    assertThat(compression.getLength() > 0 && is((Element) compression.item(0), "supported"))
        .isFalse();
    assertThat(all(found, "renegotiation", r -> r.getAttribute("supported"))).containsExactly("0");
    assertThat(all(found, "heartbleed", h -> h.getAttribute("vulnerable"))).containsExactly("0");
  }

  private Document scan(String service, String startTls) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("sslscan", "--no-colour", "--xml=-", "--sni-name=localhost"));
    if (!startTls.isEmpty()) {
      words.add(startTls);
    }
    words.add("127.0.0.1:" + gate.port(service));
    Command scan = Command.run("", words.toArray(String[]::new));
    assertThat(scan.exit()).as(scan.err()).isZero();
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(scan.out().getBytes(UTF_8)));
  }

  private static boolean is(Element element, String attribute) {
    return element.getAttribute(attribute).equals("1");
  }

  /** The distinct findings of a kind; at least one element must have been looked for. */
  private static Set<String> all(Document in, String name, Function<Element, String> what) {
    NodeList elements = in.getElementsByTagName(name);
    assertThat(elements.getLength()).as(name).isPositive();
    Set<String> found = new TreeSet<>();
    IntStream.range(0, elements.getLength())
        .mapToObj(i -> what.apply((Element) elements.item(i)))
        .filter(text -> !text.isEmpty())
        .forEach(found::add);
    return found;
  }
}
