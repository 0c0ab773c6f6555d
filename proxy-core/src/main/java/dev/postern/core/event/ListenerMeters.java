package dev.postern.core.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of one listener. */
final class ListenerMeters {
  final Counter sessions;
  final AtomicLong active = new AtomicLong();

  ListenerMeters(MeterRegistry registry, String service, String listener) {
    sessions =
        Counter.builder("postern.sessions")
            .description("Sessions begun")
            .tag("service", service)
            .tag("listener", listener)
            .register(registry);
    Gauge.builder("postern.sessions.active", active, AtomicLong::get)
        .description("Sessions going on")
        .tag("service", service)
        .tag("listener", listener)
        .register(registry);
  }
}
