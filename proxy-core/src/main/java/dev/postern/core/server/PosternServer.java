package dev.postern.core.server;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.TicketSettings;
import dev.postern.core.event.EventSink;
import dev.postern.core.event.JsonLine;
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.session.Entrance;
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TicketKeys;
import dev.postern.core.tls.ocsp.StapleStatus;
import dev.postern.core.tls.ocsp.Stapling;
import dev.postern.core.upstream.Backend;
import dev.postern.core.upstream.Connector;
import dev.postern.core.upstream.Prober;
import dev.postern.core.upstream.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running proxy. Starting, reloading and stopping may block; sessions never wait for them.
 * Reloads are done one at a time; a shutdown ends one that is still waiting.
 *
 * <p>A reload compiles the whole new configuration first and swaps only then: either all of it is
 * in force for new sessions, or nothing has changed. Sessions that are open keep the configuration
 * they began with.
 */
public final class PosternServer {
  private static final Logger log = LoggerFactory.getLogger(PosternServer.class);
  private static final long POLL_MILLIS = 20;

  private final Protocols protocols;
  private final Compiler compiler;
  private final Transport transport = Transport.best();
  private final EventLoopGroup loops;
  private final Connector connector;
  private final ScheduledExecutorService control;
  private final Stapling stapling = Stapling.start();
  private final Tickets tickets = new Tickets(new SecureRandom());
  private final ConnectionLimiter limiter = new ConnectionLimiter();
  private final Sessions sessions = new Sessions();
  private final Listeners listeners;
  private final Map<Backend, Prober> probers = new HashMap<>();

  /** Held by one reload from its first step to its last; the monitor only for each step. */
  private final Lock reloads = new ReentrantLock();

  private @Nullable Future<?> rotation;
  private Compiled compiled;

  /** Contexts that are in force no longer, as long as sessions may hold them. */
  private final List<ServerTls> retired = new ArrayList<>();

  private PosternServer(
      Configuration configuration,
      Protocols protocols,
      EventSink events,
      Function<Path, UserDirectory> directories)
      throws StartException {
    this.protocols = protocols;
    this.loops = transport.loops(Runtime.getRuntime().availableProcessors(), "postern-loop");
    this.listeners = new Listeners(transport, loops, limiter, sessions);
    this.connector = new Connector(transport);
    this.control =
        Executors.newSingleThreadScheduledExecutor(
            new DefaultThreadFactory("postern-control", true));
    this.compiler =
        new Compiler(
            protocols,
            connector,
            events,
            directories,
            new CertificateStore(InstantSource.system(), stapling));
    TicketKeys keys;
    try {
      keys = tickets.under(configuration.tickets());
      this.compiled = compiler.compile(configuration, null, keys);
    } catch (StartException | RuntimeException e) {
      release();
      throw e;
    }
    stapling.awaitRequired();
    try {
      apply(compiled);
    } catch (StartException | RuntimeException e) {
      compiled.retire();
      release();
      throw e;
    }
    stapling.takeIntoUse();
    report(compiled);
    use(configuration.tickets(), keys);
  }

  /**
   * Starts the proxy: returns when all listeners listen. Backends may be down.
   *
   * @param configuration checked already
   * @param protocols the protocols that its listeners name
   * @param events hears of everything that happens in sessions
   * @param directories opens the file that the configuration names as user directory
   * @throws StartException when a listener that needs a certificate has none that can be used, or
   *     an address cannot be bound; nothing is left running
   */
  public static PosternServer start(
      Configuration configuration,
      Protocols protocols,
      EventSink events,
      Function<Path, UserDirectory> directories)
      throws StartException {
    PosternServer server = new PosternServer(configuration, protocols, events, directories);
    log.info(
        "transport={} tls={} loops={} listeners={}",
        server.transport.label(),
        ServerTls.isNative() ? "boringssl" : "jdk",
        Runtime.getRuntime().availableProcessors(),
        server.addresses());
    return server;
  }

  /**
   * Puts another configuration in force for new sessions. Listeners that stay are not closed.
   *
   * @throws StartException when it cannot be used; everything stays as it was
   */
  public void reload(Configuration configuration) throws StartException {
    reloads.lock();
    try {
      Prepared next = prepare(configuration);
      // not under the monitor: who asks for addresses or readiness meanwhile gets an answer, keys
      // are rotated, and a shutdown does not wait for a responder
      stapling.awaitRequired();
      enter(next);
    } finally {
      reloads.unlock();
    }
  }

  /** A configuration about to be in force, and the keys of session tickets found for it. */
  private record Prepared(Compiled compiled, TicketKeys keys) {}

  private synchronized Prepared prepare(Configuration configuration) throws StartException {
    refuseWhenDraining();
    TicketKeys keys = tickets.under(configuration.tickets());
    try {
      return new Prepared(compiler.compile(configuration, compiled, keys), keys);
    } catch (StartException | RuntimeException e) {
      stapling.giveUp();
      throw e;
    }
  }

  private synchronized void enter(Prepared prepared) throws StartException {
    Compiled next = prepared.compiled();
    TicketSettings settings = next.configuration().tickets();
    TicketKeys keys = tickets.stillUnder(settings, prepared.keys());
    try {
      refuseWhenDraining();
      next.tls().forEach(tls -> tls.useTickets(keys));
      apply(next);
    } catch (StartException | RuntimeException e) {
      stapling.giveUp();
      next.retire();
      throw e;
    }
    stapling.takeIntoUse();
    Compiled before = compiled;
    compiled = next;
    retire(before);
    use(settings, keys);
    report(compiled);
    log.info("reloaded=true listeners={}", addresses());
  }

  private void refuseWhenDraining() throws StartException {
    if (sessions.isDraining()) {
      throw new StartException(
          "the proxy is shutting down; start it again with the new configuration");
    }
  }

  private void retire(Compiled before) {
    retired.addAll(before.tls());
    before.retire();
    retired.removeIf(tls -> !tls.tryUse(held -> {}));
  }

  private void apply(Compiled next) throws StartException {
    listeners.exchange(next);
    probe(next);
  }

  private static void report(Compiled of) {
    of.certificates()
        .values()
        .forEach(
            state ->
                state
                    .problem()
                    .ifPresent(
                        problem ->
                            log.error(
                                "certificate={} usable={} problem={}",
                                state.name(),
                                state.usable().isPresent(),
                                JsonLine.quoted(problem))));
    for (ListenerSettings listener : of.configuration().listeners()) {
      Entrance entrance = of.entrances().get(listener.name());
      if (entrance == null) {
        log.error("listener={} listening=false, it waits for a certificate", listener.name());
      } else if (entrance.tls() == null) {
        log.warn("listener={} starttls=false, there is no certificate", listener.name());
      }
    }
  }

  private void probe(Compiled next) {
    probers
        .entrySet()
        .removeIf(
            p -> {
              boolean gone = !next.backends().containsValue(p.getKey());
              if (gone) {
                p.getValue().close();
              }
              return gone;
            });
    next.backends()
        .forEach(
            (protocol, backend) ->
                probers.computeIfAbsent(
                    backend,
                    b -> {
                      Prober prober =
                          new Prober(
                              b,
                              () ->
                                  protocols
                                      .get(protocol)
                                      .probe(b.profile(), next.configuration().terms()),
                              loops.next(),
                              next.configuration().terms().limits().backendDeadline());
                      prober.start();
                      return prober;
                    }));
  }

  private synchronized void use(TicketSettings settings, TicketKeys keys) {
    if (!tickets.inForce(settings, keys)) {
      return;
    }
    if (rotation != null) {
      rotation.cancel(false);
    }
    rotation =
        tickets
            .rotatedEvery()
            .map(Duration::toMillis)
            .map(
                every ->
                    control.scheduleAtFixedRate(
                        this::rotateTickets, every, every, TimeUnit.MILLISECONDS))
            .orElse(null);
  }

  private synchronized void rotateTickets() {
    // A rotation that was due while a reload turned it off comes after the reload.
    if (sessions.isDraining() || tickets.rotatedEvery().isEmpty()) {
      return;
    }
    TicketKeys keys = tickets.rotated();
    compiled.tls().forEach(tls -> tls.useTickets(keys));
    // sessions that are still to begin TLS there must not use, nor memory keep, keys of long ago
    retired.removeIf(tls -> !tls.tryUse(held -> held.useTickets(keys)));
  }

  /** Returns the addresses in use, by the listener's name. */
  public synchronized Map<String, InetSocketAddress> addresses() {
    return listeners.addresses();
  }

  /** Returns what became of reading each certificate, by name. */
  public synchronized Map<String, CertificateState> certificates() {
    return compiled.certificates();
  }

  /**
   * Returns whose client certificates are accepted, by the listener's name, for those that ask for
   * them.
   */
  public synchronized Map<String, ClientTrust> clients() {
    return compiled.clients();
  }

  /** Returns the TLS contexts in force. */
  synchronized List<ServerTls> contexts() {
    return compiled.tls();
  }

  /** Returns the backends in force, by protocol. */
  public synchronized Map<String, Backend> backends() {
    return compiled.backends();
  }

  /**
   * Returns how it goes with the OCSP responses, by certificate, for those that are to have one
   * stapled.
   */
  public Map<String, StapleStatus> staples() {
    return stapling.status();
  }

  /** Returns the number of open connections of clients. */
  public int connections() {
    return limiter.open();
  }

  /** Says whether the proxy is on its way down. */
  public boolean isDraining() {
    return sessions.isDraining();
  }

  /**
   * Stops: no new connections; each session is told at its next command boundary; what is left
   * after the drain deadline is cut off. Returns when everything has ended.
   *
   * @throws InterruptedException when the wait is cut short; the rest ends with the process
   */
  public void shutDown() throws InterruptedException {
    Duration deadline;
    synchronized (this) {
      deadline = compiled.configuration().terms().limits().drainDeadline();
      log.info("draining=true connections={} deadline={}s", connections(), deadline.toSeconds());
      sessions.drain();
      listeners.close();
    }
    // not under the monitor: who asks for addresses or readiness meanwhile gets an answer
    long end = System.nanoTime() + deadline.toNanos();
    while (sessions.count() > 0 && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    int left = sessions.count();
    sessions.stop();
    synchronized (this) {
      compiled.retire();
      release();
    }
    log.info("stopped=true cut_off={}", left);
  }

  private void release() {
    listeners.close();
    probers.values().forEach(Prober::close);
    control.shutdownNow();
    stapling.close();
    connector.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
