package dev.postern.deploy.process;

import dev.postern.core.config.AuditSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.event.AuditDestination;
import dev.postern.core.event.AuditSink;
import dev.postern.core.event.AuditWriter;
import dev.postern.core.event.EventSink;
import dev.postern.core.event.LogSink;
import dev.postern.core.event.MetricsSink;
import dev.postern.deploy.management.RuntimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that hears of events, and the registry that metrics live in. */
final class Sinks implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RuntimeMetrics runtime =
      new RuntimeMetrics(Version.number(), ByteBufAllocator.DEFAULT);
  private final MetricsSink metrics = new MetricsSink(registry);
  private final Optional<AuditWriter> audit;

  private Sinks(Optional<AuditWriter> audit) {
    this.audit = audit;
    runtime.bindTo(registry);
    audit.ifPresent(writer -> writer.bindTo(registry));
  }

  static Sinks open(AuditSettings settings, Surroundings surroundings) throws StartFailure {
    return switch (settings) {
      case AuditSettings.Off off -> new Sinks(Optional.empty());
      case AuditSettings.StandardOutput stdout ->
          writing(
              new AuditDestination.ToStream(surroundings.standardOutput()),
              "standard output",
              surroundings);
      case AuditSettings.File file ->
          writing(new AuditDestination.ToFile(file.path()), file.path().toString(), surroundings);
    };
  }

  private static Sinks writing(AuditDestination destination, String name, Surroundings surroundings)
      throws StartFailure {
    try {
      return new Sinks(
          Optional.of(
              AuditWriter.start(destination, surroundings.clock(), AuditWriter.DEFAULT_CAPACITY)));
    } catch (IOException e) {
      throw new StartFailure(
          "audit.file: %s cannot be opened (%s): let the user that runs Postern write there"
              .formatted(name, e.getMessage()),
          e);
    }
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  EventSink events() {
    List<EventSink> all = new ArrayList<>(List.of(metrics, new LogSink()));
    audit.map(AuditSink::new).ifPresent(all::add);
    return EventSink.all(all);
  }

  /** Shows the meters of all listeners from the start, with the value 0. */
  void expect(Configuration configuration) {
    configuration.listeners().forEach(l -> metrics.register(l.service(), l.name()));
  }

  /** Opens the audit log anew, after its file was moved away. */
  void reopen() {
    audit.ifPresent(AuditWriter::reopen);
  }

  @Override
  public void close() {
    audit.ifPresent(AuditWriter::close);
    runtime.close();
    registry.close();
  }
}
