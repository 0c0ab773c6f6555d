package dev.postern.core.tls.ocsp;

import dev.postern.core.event.JsonLine;
import dev.postern.core.tls.Staple;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The response that goes with one certificate, kept fresh:
 *
 * <pre>
 *             good                       good
 *   asking ─────────▶ held, until half ────────▶ held …
 *     ▲  │ none         │ of its life
 *     │  ▼              ▼
 *   waiting, longer each time; what is held stays in use until its nextUpdate, never longer
 * </pre>
 *
 * A response that says revoked takes away what is held at once. None is believed that is older than
 * one before it, whatever that one said. Thread-safe; {@link #current} reads one field.
 */
public final class KeptStaple implements Staple {
  private static final Logger LOG = LoggerFactory.getLogger(KeptStaple.class);

  private final String certificate;
  private final OcspSubject subject;
  private final boolean mustStaple;
  private final StapleSource source;
  private final InstantSource clock;
  private final Alarm alarm;
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private volatile @Nullable OcspResponse held;
  private volatile String trouble = "has not been fetched yet";
  private volatile long failures;
  private Instant newest = Instant.MIN;
  private boolean isRevoked;
  private volatile boolean stopped;
  private int failuresInARow;
  private @Nullable Future<?> next;

  KeptStaple(
      String certificate,
      OcspSubject subject,
      StapleSource source,
      InstantSource clock,
      Alarm alarm) {
    this.certificate = certificate;
    this.subject = subject;
    this.mustStaple = OcspSubject.mustStaple(subject.certificate());
    this.source = source;
    this.clock = clock;
    this.alarm = alarm;
  }

  @Override
  public Optional<byte[]> current() {
    OcspResponse now = held;
    return now != null && now.isGoodAt(clock.millis()) ? Optional.of(now.der()) : Optional.empty();
  }

  /** Says whether clients refuse the certificate without a response. */
  boolean isRequired() {
    return mustStaple;
  }

  /** Completes when the first attempt is over, however it went, or no longer waited for. */
  CompletionStage<Void> first() {
    return first;
  }

  StapleStatus status() {
    OcspResponse now = held;
    boolean good = now != null && now.isGoodAt(clock.millis());
    String problem = trouble;
    String detail =
        now != null && good
            ? "stapled until " + now.nextUpdate() + (problem.isEmpty() ? "" : "; " + problem)
            : "nothing stapled: " + (problem.isEmpty() ? "the last response has expired" : problem);
    return new StapleStatus(
        now != null && good ? Optional.of(now.nextUpdate()) : Optional.empty(), failures, detail);
  }

  /** Looks at the source, now and from now on. */
  void look() {
    if (stopped) {
      return;
    }
    // Composed, so that what the source throws is a failure like any other: an alarm whose work
    // throws never goes off again, and says nothing.
    CompletableFuture.completedFuture(source)
        .thenCompose(StapleSource::next)
        .thenAccept(this::take)
        .exceptionally(
            failure -> {
              failed(reason(failure), Optional.empty());
              return null;
            })
        .whenComplete((nothing, failure) -> first.complete(null));
  }

  /** Looks no more; what is held stays in use by those who still have the certificate. */
  synchronized void stop() {
    stopped = true;
    if (next != null) {
      next.cancel(false);
    }
    first.complete(null);
  }

  private void take(byte[] octets) {
    OcspResponse now = held;
    if (now != null && now.isGoodAt(clock.millis()) && Arrays.equals(octets, now.der())) {
      goesOn(now);
      return;
    }
    switch (OcspReader.read(octets, subject, clock.instant())) {
      case OcspAnswer.Good good -> good(good.response());
      case OcspAnswer.Refused refused ->
          failed("its response " + refused.reason(), Optional.empty());
      case OcspAnswer.Revoked revoked -> revoked(revoked);
    }
  }

  private synchronized void goesOn(OcspResponse response) {
    trouble = "";
    failuresInARow = 0;
    again(source.pause(response, clock.instant()));
  }

  private synchronized void good(OcspResponse response) {
    // Of two that were signed in the same second, the one that revokes is the later.
    if (isOlder(response.thisUpdate()) || (isRevoked && response.thisUpdate().equals(newest))) {
      failed(
          isRevoked
              ? "its response is older than the one that says that THE CERTIFICATE WAS REVOKED"
              : "its response is older than the last one",
          Optional.empty());
      return;
    }
    newest = response.thisUpdate();
    isRevoked = false;
    held = response;
    LOG.info(
        "certificate={} ocsp=good until={} source={}",
        certificate,
        response.nextUpdate(),
        JsonLine.quoted(source.name()));
    goesOn(response);
  }

  private synchronized void revoked(OcspAnswer.Revoked answer) {
    if (isOlder(answer.thisUpdate())) {
      failed("its response is older than the last one", Optional.empty());
      return;
    }
    newest = answer.thisUpdate();
    isRevoked = true;
    held = null;
    failuresInARow = Integer.MAX_VALUE - 1;
    failed("THE CERTIFICATE WAS REVOKED on " + answer.since(), Optional.of(answer.since()));
  }

  // Plain HTTP: anybody on the way can answer with what was true once.
  private boolean isOlder(Instant thisUpdate) {
    return thisUpdate.isBefore(newest);
  }

  private synchronized void failed(String what, Optional<Instant> revoked) {
    if (stopped) {
      // Most likely because of that: the client was closed under it.
      return;
    }
    failuresInARow = Math.min(failuresInARow + 1, Integer.MAX_VALUE - 1);
    String now = revoked.isPresent() ? what + ": replace it" : source.name() + ": " + what;
    boolean hasEnded = held != null && current().isEmpty();
    if (hasEnded) {
      held = null;
    }
    if (source.isEachFailureNews() || hasEnded || !now.equals(trouble)) {
      failures = failures + 1;
      trouble = now;
      log(now, revoked.isPresent());
    }
    again(source.pauseAfter(failuresInARow));
  }

  private void log(String problem, boolean revoked) {
    String quoted = JsonLine.quoted(problem);
    if (revoked || (mustStaple && current().isEmpty())) {
      LOG.error(
          "certificate={} ocsp={} problem={}, clients refuse it",
          certificate,
          revoked ? "revoked" : "none",
          quoted);
    } else {
      LOG.warn("certificate={} ocsp=failed problem={}", certificate, quoted);
    }
  }

  private synchronized void again(Duration pause) {
    if (!stopped) {
      next = alarm.after(pause, this::look);
    }
  }

  private static String reason(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof OcspUnreachable) {
      return String.valueOf(cause.getMessage());
    }
    LOG.error("ocsp=failed, this is a defect of Postern", cause);
    return "a defect of Postern, see the log";
  }
}
