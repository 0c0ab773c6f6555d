package dev.postern.core.tls.ocsp;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The responder that a certificate names. */
final class ResponderSource implements StapleSource {
  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int DOUBLINGS = 6;

  /** By how much of itself a pause may be shorter, so that replicas do not ask all at once. */
  private static final double SPREAD = 0.25;

  private final OcspResponder responder;
  private final URI address;
  private final byte[] request;
  private final RandomGenerator random;

  ResponderSource(
      OcspResponder responder, URI address, OcspSubject subject, RandomGenerator random) {
    this.responder = responder;
    this.address = address;
    this.request = OcspRequest.about(subject);
    this.random = random;
  }

  @Override
  public String name() {
    return "the responder " + address;
  }

  @Override
  public CompletableFuture<byte[]> next() {
    return responder.ask(address, request);
  }

  @Override
  public boolean isEachFailureNews() {
    return true;
  }

  /** Half of the response's life; where that is over already, half of what is left. */
  @Override
  public Duration pause(OcspResponse response, Instant now) {
    Duration pause = Duration.between(now, response.halfLife());
    if (!pause.isPositive()) {
      pause = Duration.between(now, response.nextUpdate()).dividedBy(2);
    }
    return pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause;
  }

  @Override
  public Duration pauseAfter(int failures) {
    Duration pause = SHORTEST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
    Duration bounded = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    return Duration.ofMillis((long) (bounded.toMillis() * (1 - SPREAD * random.nextDouble())));
  }
}
