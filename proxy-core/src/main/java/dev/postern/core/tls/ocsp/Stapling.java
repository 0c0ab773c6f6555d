package dev.postern.core.tls.ocsp;

import dev.postern.core.event.JsonLine;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.Staple;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responses of all certificates, across reloads. A configuration that is compiled asks for the
 * staples it needs; those it shares with the one in force are the same, so that a reload fetches
 * nothing that is there. Then it is taken into use, and what nobody needs any more ends, or it is
 * given up, and what was begun for it ends. Thread-safe.
 */
public final class Stapling implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Stapling.class);
  private static final Duration FETCH_DEADLINE = Duration.ofSeconds(8);
  private static final Duration REQUIRED_DEADLINE = Duration.ofSeconds(10);

  private final OcspResponder responder;
  private final InstantSource clock;
  private final Alarm alarm;
  private final RandomGenerator random;
  private final AutoCloseable resources;
  private Map<Key, Entry> inForce = Map.of();
  private final Map<Key, Entry> wanted = new HashMap<>();
  private final Map<String, Long> failuresBefore = new HashMap<>();

  private record Key(String name, X509Certificate certificate, Optional<Path> file) {}

  /** What became of asking for a staple. */
  private sealed interface Entry {

    /** It is kept. */
    record Kept(KeptStaple staple) implements Entry {}

    /** There can be none, and this is why: a sentence that says what to do. */
    record Lacking(String reason) implements Entry {}

    default StapleStatus status() {
      return switch (this) {
        case Kept(KeptStaple staple) -> staple.status();
        case Lacking(String reason) -> new StapleStatus(Optional.empty(), 0, reason);
      };
    }

    default void stop() {
      if (this instanceof Kept(KeptStaple staple)) {
        staple.stop();
      }
    }
  }

  Stapling(
      OcspResponder responder,
      InstantSource clock,
      Alarm alarm,
      RandomGenerator random,
      AutoCloseable resources) {
    this.responder = responder;
    this.clock = clock;
    this.alarm = alarm;
    this.random = random;
    this.resources = resources;
  }

  /** Begins with nothing: no thread and no connection before the first certificate. */
  public static Stapling start() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("postern-ocsp", true));
    timer.setRemoveOnCancelPolicy(true);
    HttpResponder http = new HttpResponder(FETCH_DEADLINE);
    return new Stapling(
        http,
        InstantSource.system(),
        (pause, work) -> timer.schedule(work, pause.toMillis(), TimeUnit.MILLISECONDS),
        // A new one for each draw would do; this one is safe to share.
        () -> ThreadLocalRandom.current().nextLong(),
        () -> {
          timer.shutdownNow();
          http.close();
        });
  }

  /**
   * Returns the staple of a certificate.
   *
   * @param name what the configuration calls it
   * @param material its chain; the issuer has to be in it
   * @param file what to read the response from, in DER, again whenever it changes; empty to fetch
   *     it from the responder that the certificate names
   */
  public synchronized Staple of(String name, KeyMaterial material, Optional<Path> file) {
    X509Certificate certificate = material.chain().get(0);
    Key key = new Key(name, certificate, file);
    Entry known = wanted.containsKey(key) ? wanted.get(key) : inForce.get(key);
    // What was lacking may be there now: the issuer stands beside the certificate, not in it.
    if (known instanceof Entry.Kept(KeptStaple staple)) {
      wanted.put(key, known);
      return staple;
    }
    Optional<OcspSubject> subject = OcspSubject.of(material);
    Optional<StapleSource> source = subject.flatMap(s -> source(s, file));
    if (subject.isEmpty() || source.isEmpty()) {
      String reason = lacking(material);
      wanted.put(key, new Entry.Lacking(reason));
      LOG.warn("certificate={} ocsp=none problem={}", name, JsonLine.quoted(reason));
      return Staple.NONE;
    }
    KeptStaple begun = new KeptStaple(name, subject.get(), source.get(), clock, alarm);
    wanted.put(key, new Entry.Kept(begun));
    begun.look();
    return begun;
  }

  private Optional<StapleSource> source(OcspSubject subject, Optional<Path> file) {
    return file.isPresent()
        ? file.map(FileSource::new)
        : subject.responder().map(at -> new ResponderSource(responder, at, subject, random));
  }

  /**
   * Says why nothing can be stapled, whatever the responder may say.
   *
   * @param fetched whether the response would come from the responder
   * @return a sentence that says what to do; empty when all is well
   */
  public static Optional<String> doubt(KeyMaterial material, boolean fetched) {
    Optional<OcspSubject> subject = OcspSubject.of(material);
    return subject.isEmpty() || (fetched && subject.get().responder().isEmpty())
        ? Optional.of(lacking(material))
        : Optional.empty();
  }

  private static String lacking(KeyMaterial material) {
    return OcspSubject.of(material).isEmpty()
        ? "nothing can be stapled: the certificate's issuer is not in its file; add it, though it be the root"
        : "nothing can be stapled: the certificate names no responder by http; turn stapling off";
  }

  /**
   * Waits until what must be stapled is there, or was found not to be; only for certificates that
   * clients refuse without (RFC 7633), and for ten seconds at most.
   */
  public void awaitRequired() {
    CompletableFuture<?>[] firsts;
    synchronized (this) {
      firsts =
          wanted.values().stream()
              .flatMap(
                  e -> e instanceof Entry.Kept(KeptStaple kept) ? Stream.of(kept) : Stream.empty())
              .filter(KeptStaple::isRequired)
              .map(staple -> staple.first().toCompletableFuture())
              .toArray(CompletableFuture<?>[]::new);
    }
    CompletableFuture.allOf(firsts)
        .completeOnTimeout(null, REQUIRED_DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
        .join();
  }

  /** The configuration that asked last is in force: what it did not ask for ends. */
  public synchronized void takeIntoUse() {
    inForce.forEach(
        (key, entry) -> {
          if (!entry.equals(wanted.get(key))) {
            entry.stop();
            failuresBefore.merge(key.name(), entry.status().failures(), Long::sum);
          }
        });
    inForce = Map.copyOf(wanted);
    wanted.clear();
  }

  /** The configuration that asked last was refused: what was begun for it ends. */
  public synchronized void giveUp() {
    wanted.forEach(
        (key, entry) -> {
          if (!entry.equals(inForce.get(key))) {
            entry.stop();
          }
        });
    wanted.clear();
  }

  /**
   * Returns how it goes, by the certificate's name, for those in force for which a staple was asked
   * for, though there can be none.
   */
  public synchronized Map<String, StapleStatus> status() {
    Map<String, StapleStatus> all = new TreeMap<>();
    inForce.forEach(
        (key, entry) -> {
          StapleStatus now = entry.status();
          long before = failuresBefore.getOrDefault(key.name(), 0L);
          all.put(key.name(), new StapleStatus(now.until(), before + now.failures(), now.detail()));
        });
    return all;
  }

  /** Ends everything. */
  @Override
  public synchronized void close() {
    inForce.values().forEach(Entry::stop);
    wanted.values().forEach(Entry::stop);
    try {
      resources.close();
    } catch (Exception e) {
      LOG.warn("ocsp=closing-failed", e);
    }
  }
}
