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
import dev.postern.core.tls.NativeMemory;
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
  private static final int LISTENERS = 4;

  private static final int LEAST_CONTEXTS = 3;

  private static final Path MEMORY = Path.of("/proc/self/smaps");
  private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-[0-9a-f]+ ");
  private static final Pattern RESIDENT = Pattern.compile("^Rss:\\s+(\\d+) kB");
  private static final long HEAP_END = 32L << 30;
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
      // Its sessions may still begin TLS with what was in force when they were accepted.
      assertThat(open.getFirst().contexts()).anyMatch(NativeMemory::isHeld);
      while (open.size() > 1) {
        retired.addAll(end(open.remove()));
      }
      assertThat(retired).hasSizeGreaterThan((RELOADS - 1) * LEAST_CONTEXTS);
      Awaitility.await("every retired context freed")
          .until(() -> retired.stream().noneMatch(NativeMemory::isHeld));
      resident.add(resident());
      long first = resident.get(0);
      assertThat(resident.get(resident.size() - 1) - first)
          .as("growth of resident memory: %s", resident)
          .isLessThan(MOST_GROWTH);
    }
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
                  d.clients()),
              List.of()));
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

  /**
   * Returns the octets of memory in use outside the Java heap, which comes and goes as collections
   * please. With a heap of less than 32 GiB, it lies below that address and everything native
   * above.
   */
  private static long resident() throws Exception {
    System.gc();
    long kibibytes = 0;
    boolean isHeap = false;
    for (String line : Files.readAllLines(MEMORY)) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher resident = RESIDENT.matcher(line);
      if (mapping.find()) {
        isHeap = Long.parseUnsignedLong(mapping.group(1), 16) < HEAP_END;
      } else if (!isHeap && resident.find()) {
        kibibytes += Long.parseLong(resident.group(1));
      }
    }
    assertThat(kibibytes).isPositive();
    return kibibytes << 10;
  }
}
