package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.rest;
import static dev.postern.core.server.TinyProxy.say;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.TlsSettings;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.ServerTls;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What reloads leave behind once the sessions that began before them are over: nothing. */
class RetiredTlsTest {
  private static final int RELOADS = 200;
  private static final int WARM_UP = 50;
  private static final int OPEN = 5;

  /** More of each than one, so that keeping them would show. */
  private static final int LISTENERS = 16;

  private static final int LEAST_CONTEXTS = 8;

  private static final Path MEMORY = Path.of("/proc/self/smaps_rollup");
  private static final Pattern RESIDENT = Pattern.compile("(?m)^Rss:\\s+(\\d+) kB");
  private static final long MOST_GROWTH = 32L << 20;

  @TempDir Path folder;

  /** A certificate, the session that has seen it, and the contexts it was shown from. */
  private record Generation(SSLSocket session, Socket waiting, List<ServerTls> contexts) {}

  @Test
  @Tag("CCO-4.4")
  @EnabledOnOs(OS.LINUX)
  void nativeMemoryIsGivenBackWithTheLastSession() throws Exception {
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      Deque<Generation> open = new ArrayDeque<>();
      List<ServerTls> retired = new ArrayList<>();
      List<Long> resident = new ArrayList<>();
      for (int i = 0; i < RELOADS; i++) {
        X509Bundle shown = proxy.writeCertificate("mail.example.org");
        proxy.server.reload(configuration(proxy));
        SSLSocket session = proxy.connectTls(shown);
        assertThat(line(session)).startsWith("hello tls=true");
        // may still begin a handshake
        Socket waiting = proxy.connect("tiny");
        assertThat(line(waiting)).contains("starttls=true");
        open.add(new Generation(session, waiting, proxy.server.contexts()));
        if (open.size() > OPEN) {
          retired.addAll(end(open.remove()));
        }
        if (i >= WARM_UP && i % 25 == 0) {
          resident.add(resident());
        }
      }
      // An old session still begins TLS, with what was shown when it was accepted.
      ServerTls oldest = used(open.getFirst());
      assertThat(oldest.tryRetain()).isTrue();
      oldest.release();
      while (open.size() > 1) {
        retired.addAll(end(open.remove()));
      }
      assertThat(retired).hasSizeGreaterThan((RELOADS - 1) * LEAST_CONTEXTS);
      Awaitility.await("every retired context freed")
          .untilAsserted(
              () -> assertThat(retired.stream().filter(RetiredTlsTest::isInUse).count()).isZero());
      resident.add(resident());
      System.err.println("RSS " + resident + " " + retired.size());
      long first = resident.get(0);
      assertThat(resident.get(resident.size() - 1) - first)
          .as("growth of resident memory: %s", resident)
          .isLessThan(MOST_GROWTH);
    }
  }

  private static ServerTls used(Generation generation) {
    return generation.contexts().stream()
        .filter(RetiredTlsTest::isInUse)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no context of an open session is left"));
  }

  /** A retired context whose last user is gone cannot be retained any more: its memory is free. */
  private static boolean isInUse(ServerTls tls) {
    boolean retained = tls.tryRetain();
    if (retained) {
      tls.release();
    }
    return retained;
  }

  private static List<ServerTls> end(Generation generation) throws Exception {
    say(generation.session(), "QUIT\r\n");
    assertThat(rest(generation.session())).isEqualTo("bye\n");
    generation.session().close();
    say(generation.waiting(), "QUIT\r\n");
    assertThat(rest(generation.waiting())).isEqualTo("bye\n");
    generation.waiting().close();
    return generation.contexts();
  }

  /** Makes as many contexts as there are listeners: each has terms of its own. */
  private static Configuration configuration(TinyProxy proxy) {
    Configuration now = proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
    List<ListenerSettings> listeners = new ArrayList<>(now.listeners());
    ListenerSettings tiny = now.listeners().get(1);
    TlsSettings d = TlsSettings.DEFAULT;
    for (int i = 1; i < LISTENERS; i++) {
      List<String> suites = new ArrayList<>(d.cipherSuites());
      Collections.swap(suites, 0, i % suites.size());
      listeners.add(
          new ListenerSettings(
              "tiny" + i,
              tiny.service(),
              tiny.protocol(),
              tiny.mode(),
              tiny.address(),
              tiny.certificates(),
              new TlsSettings(
                  d.minimum(),
                  d.maximum(),
                  suites,
                  d.groups().subList(0, 1 + i % d.groups().size()),
                  i % 2 == 0,
                  false,
                  d.clients())));
    }
    return new Configuration(
        listeners,
        now.certificates(),
        now.tls(),
        now.tickets(),
        now.backends(),
        now.policy(),
        now.terms(),
        now.management(),
        now.audit());
  }

  private static long resident() throws Exception {
    System.gc();
    Matcher found = RESIDENT.matcher(Files.readString(MEMORY));
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1)) << 10;
  }
}
