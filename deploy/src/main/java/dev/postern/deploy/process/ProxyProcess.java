package dev.postern.deploy.process;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.event.JsonLine;
import dev.postern.core.server.CertificateState;
import dev.postern.core.server.PosternServer;
import dev.postern.core.server.StartException;
import dev.postern.deploy.management.ManagementServer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running Postern: the proxy with its sinks and its management endpoint, kept in step with its
 * configuration file. Reloads happen one at a time on a thread of their own; a configuration that
 * is refused changes nothing.
 */
public final class ProxyProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyProcess.class);
  private static final long LAST_RELOAD_SECONDS = 10;

  private final ConfigurationFile file;
  private final Sinks sinks;
  private final Reloads reloads;
  private final Certificates certificates;
  private final Staples staples;
  private final ClientAuthorities clients;
  private final Status status;
  private final Optional<ManagementServer> management;
  private final PosternServer server;
  private final ScheduledThreadPoolExecutor control;
  private final Clock clock;
  // Of the control thread alone, once it runs.
  private final Changes changes;
  private Configuration configuration;

  private ProxyProcess(
      ConfigurationFile file,
      Surroundings surroundings,
      ConfigurationFile.Reading reading,
      Configuration configuration,
      Sinks sinks)
      throws StartFailure {
    this.file = file;
    this.clock = surroundings.clock();
    this.configuration = configuration;
    this.changes = new Changes(reading.stamps());
    this.sinks = sinks;
    this.reloads = new Reloads(sinks.registry());
    this.certificates = new Certificates(sinks.registry());
    this.staples = new Staples(sinks.registry());
    this.clients = new ClientAuthorities(sinks.registry());
    this.status = new Status(reloads, certificates, staples, clients);
    sinks.expect(configuration);
    // First, so that whoever asks is told that the proxy is starting.
    this.management = management(configuration, sinks, status);
    try {
      this.server =
          PosternServer.start(
              configuration,
              surroundings.protocols(),
              sinks.events(),
              ConfigurationFile::directory);
    } catch (StartException e) {
      management.ifPresent(ManagementServer::close);
      throw new StartFailure(problems(file, reading, e));
    }
    warn(file, reading.unusable());
    certificates.started(server.certificates());
    status.serves(server);
    staples.inForce(server::staples);
    clients.inForce(server.clients());
    this.control =
        new ScheduledThreadPoolExecutor(
            1,
            new DefaultThreadFactory("postern-reload", true),
            new ThreadPoolExecutor.DiscardPolicy());
    long interval = surroundings.watchInterval().toMillis();
    if (interval > 0) {
      control.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Starts everything; returns when clients can connect.
   *
   * @throws StartFailure when something is wrong with the configuration, or with what it needs;
   *     nothing is left running
   */
  public static ProxyProcess start(ConfigurationFile file, Surroundings surroundings)
      throws StartFailure {
    ConfigurationFile.Reading reading = file.reading();
    Configuration configuration =
        switch (reading.result()) {
          case ReadResult.Invalid invalid ->
              throw new StartFailure(invalid.problems().stream().map(p -> text(file, p)).toList());
          case ReadResult.Valid valid -> {
            warn(file, valid.warnings());
            yield valid.configuration();
          }
        };
    Sinks sinks = Sinks.open(configuration.audit(), surroundings);
    try {
      ProxyProcess process = new ProxyProcess(file, surroundings, reading, configuration, sinks);
      LOG.info(
          "ready=true version={} configuration={} management={}",
          Version.number(),
          file.path(),
          process.managementAddress().map(Object::toString).orElse("off"));
      return process;
    } catch (StartFailure e) {
      sinks.close();
      throw e;
    }
  }

  /** A certificate that cannot be used may be why: then its place in the file helps most. */
  private static List<String> problems(
      ConfigurationFile file, ConfigurationFile.Reading reading, StartException e) {
    return Stream.concat(
            reading.unusable().stream().map(problem -> text(file, problem)),
            Stream.of(String.valueOf(e.getMessage())))
        .toList();
  }

  private static Optional<ManagementServer> management(
      Configuration configuration, Sinks sinks, Status status) throws StartFailure {
    InetSocketAddress address = configuration.management().address().orElse(null);
    if (address == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ManagementServer.start(address, sinks.registry(), status));
    } catch (IOException e) {
      throw new StartFailure(
          "management.address: cannot listen on %s: is another Postern running, or the port taken?"
              .formatted(address),
          e);
    }
  }

  /** Returns the addresses that clients connect to, by the listener's name. */
  public Map<String, InetSocketAddress> addresses() {
    return server.addresses();
  }

  /** Returns the address of the management endpoint, if there is one. */
  public Optional<InetSocketAddress> managementAddress() {
    return management.map(ManagementServer::address);
  }

  /**
   * Reads configuration and certificates anew, and opens the audit log anew. Returns at once; how
   * it went is logged and counted.
   */
  public void reload() {
    control.execute(
        () -> {
          sinks.reopen();
          guarded(this::readAnew);
        });
  }

  /**
   * Ends everything: no new connections, sessions are told at their next command boundary, and what
   * is left at the drain deadline is cut off. Returns when it is over and the audit log is written.
   *
   * @throws InterruptedException when the wait is cut short
   */
  public void shutDown() throws InterruptedException {
    control.shutdown();
    if (!control.awaitTermination(LAST_RELOAD_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("reloading=true, shutting down all the same");
    }
    server.shutDown();
    // Only now: what became of the sessions is still to be scraped and written.
    management.ifPresent(ManagementServer::close);
    sinks.close();
  }

  private void look() {
    guarded(
        () -> {
          if (changes.settled()) {
            LOG.info("changed=true configuration={}", file.path());
            readAnew();
          } else if (isCertificateDue()) {
            LOG.info("due=true configuration={}", file.path());
            readAnew();
          }
        });
  }

  /** Says whether a certificate that was not valid when it was read is valid by now. */
  private boolean isCertificateDue() {
    Instant now = clock.instant();
    return server.certificates().values().stream()
        .anyMatch(
            state ->
                state instanceof CertificateState.Kept kept
                    && kept.until().filter(at -> !at.isAfter(now)).isPresent());
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      // Escaping, it would end all watching without a word.
      LOG.error("reloaded=false, this is a defect of Postern", e);
      reloads.refused("a defect of Postern, see the log");
    }
  }

  private void readAnew() {
    ConfigurationFile.Reading reading = file.reading();
    switch (reading.result()) {
      case ReadResult.Invalid invalid -> {
        // What it would name is not known: what was named before is still looked at.
        changes.read(reading.stamps().and(changes.known()));
        refuse(invalid.problems().stream().map(p -> text(file, p)).toList());
      }
      case ReadResult.Valid valid -> {
        changes.read(reading.stamps());
        warn(file, valid.warnings());
        warn(file, reading.unusable());
        apply(valid.configuration());
      }
    }
  }

  private void apply(Configuration next) {
    try {
      server.reload(next);
    } catch (StartException e) {
      refuse(List.of(String.valueOf(e.getMessage())));
      return;
    }
    if (!next.management().equals(configuration.management())
        || !next.audit().equals(configuration.audit())) {
      LOG.warn("management and audit of the configuration take effect at the next start");
    }
    configuration = next;
    sinks.expect(next);
    certificates.reloaded(server.certificates());
    status.serves(server);
    staples.inForce(server::staples);
    clients.inForce(server.clients());
    reloads.applied();
  }

  private void refuse(List<String> problems) {
    problems.forEach(problem -> LOG.error("reloaded=false problem={}", JsonLine.quoted(problem)));
    reloads.refused(problems.get(0));
  }

  private static void warn(ConfigurationFile file, List<Problem> warnings) {
    warnings.forEach(warning -> LOG.warn("warning={}", JsonLine.quoted(text(file, warning))));
  }

  private static String text(ConfigurationFile file, Problem problem) {
    return problem.text(file.path().toString());
  }
}
