package dev.postern.core.config;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.policy.Network;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads where clients connect, and whether somebody is behind. */
final class ListenersReader {

  private record Provided(String protocol, ProtocolInfo.Service service) {}

  private static final int EXAMPLE_PORT = 993;

  // In nobody's way: stands for an address that could not be read.
  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  private final Map<String, Provided> services = new LinkedHashMap<>();
  private final List<String> certificates;
  private final Map<String, BackendSettings> backends;
  private final TlsReader tlsReader;
  private final TlsSettings tls;
  private final Problems problems;
  private boolean certificatesAreWrong;

  ListenersReader(
      Collection<ProtocolInfo> protocols,
      List<String> certificates,
      Map<String, BackendSettings> backends,
      TlsReader tlsReader,
      TlsSettings tls,
      Problems problems) {
    for (ProtocolInfo protocol : protocols) {
      for (ProtocolInfo.Service service : protocol.services()) {
        services.put(service.name(), new Provided(protocol.name(), service));
      }
    }
    this.certificates = certificates;
    this.backends = backends;
    this.tlsReader = tlsReader;
    this.tls = tls;
    this.problems = problems;
  }

  List<ListenerSettings> read(Section file) {
    List<ListenerSettings> listeners = new ArrayList<>();
    certificatesAreWrong =
        file.has("certificates") && !(file.at("certificates") instanceof Tree.Sequence);
    if (file.has("listeners")) {
      for (Section section : file.sections("listeners", Shape.LISTENER.keys())) {
        listener(section, listeners).ifPresent(listeners::add);
      }
    } else {
      services.values().stream()
          .filter(provided -> backends.containsKey(provided.protocol()))
          .map(this::byDefault)
          .forEach(listeners::add);
      refuseWithoutCertificate(file.at("certificates"), listeners);
    }
    warnOfIdleBackends(file, listeners);
    refuseClientsWithoutAccount(file, listeners);
    return listeners;
  }

  private ListenerSettings byDefault(Provided provided) {
    ProtocolInfo.Service service = provided.service();
    return new ListenerSettings(
        service.name(),
        service.name(),
        provided.protocol(),
        service.mode(),
        new InetSocketAddress(service.port()),
        certificates,
        tls,
        List.of());
  }

  private Optional<ListenerSettings> listener(Section section, List<ListenerSettings> before) {
    String name =
        section.required("service", "", "imaps", Values.nameOf("service", services.keySet()));
    List<String> shown = section.list("certificates", Values.nameOf("certificate", certificates));
    List<Network> balancers = balancers(section);
    Section own = section.section("tls", Shape.LISTENER_TLS.keys());
    TlsSettings settings = tlsReader.ofOne(own, tls);
    Provided provided = services.get(name);
    if (provided == null) {
      section.optional("address", Values.listenAddress(EXAMPLE_PORT));
      section.optional("name", Values::name);
      return Optional.empty();
    }
    ProtocolInfo.Service service = provided.service();
    InetSocketAddress address =
        section.value(
            "address", new InetSocketAddress(service.port()), Values.listenAddress(service.port()));
    ListenerSettings listener =
        new ListenerSettings(
            section.value("name", name, Values::name),
            name,
            provided.protocol(),
            service.mode(),
            section.isWrong("address") ? NOWHERE : address,
            shown.isEmpty() ? certificates : shown.stream().distinct().toList(),
            settings,
            balancers);
    refusePreauth(own, service, settings);
    refuseTwins(section, listener, before);
    if (!backends.containsKey(listener.protocol())) {
      problems.error(
          section.at("service"),
          "there is no backend for " + listener.protocol(),
          "add backends." + listener.protocol() + ", or remove the listener");
    }
    refuseWithoutCertificate(section.at("service"), List.of(listener));
    return Optional.of(listener);
  }

  private List<Network> balancers(Section section) {
    List<Network> balancers = section.list("proxy-protocol", Values::network);
    if (section.has("proxy-protocol")
        && !section.isWrong("proxy-protocol")
        && balancers.isEmpty()) {
      problems.error(
          section.at("proxy-protocol"),
          "names nobody, so nobody could connect",
          "the balancers' addresses, [10.0.0.5], or leave it out");
    }
    if (balancers.stream().anyMatch(network -> network.prefix() == 0)) {
      problems.error(
          section.at("proxy-protocol"),
          "everybody could say to be any client",
          "the balancers' addresses, or their network");
    }
    return balancers;
  }

  private void refuseTwins(
      Section section, ListenerSettings listener, List<ListenerSettings> before) {
    for (ListenerSettings other : before) {
      if (other.name().equals(listener.name()) && !section.isWrong("name")) {
        problems.error(
            section.at(section.has("name") ? "name" : "service"),
            "a second listener named " + listener.name(),
            "give each its own name");
      }
      if (Overlap.of(other.address(), listener.address())) {
        problems.error(
            section.at(section.has("address") ? "address" : "service"),
            "the listener " + other.name() + " has this address and port already",
            "another port; note that [::] takes IPv4 connections too");
      }
    }
  }

  private void refuseWithoutCertificate(Tree where, List<ListenerSettings> listeners) {
    if (!certificates.isEmpty() || certificatesAreWrong) {
      return;
    }
    for (ListenerSettings listener : listeners) {
      if (listener.mode() == TlsMode.IMPLICIT && listener.tls().withoutCertificate()) {
        problems.warning(
            where,
            listener.name() + " turns everybody away, for there is no certificate",
            "add one under certificates");
      } else if (listener.mode() == TlsMode.IMPLICIT) {
        problems.error(
            where,
            listener.name() + " begins with TLS, and there is no certificate",
            "add one under certificates");
      } else {
        problems.warning(
            where,
            listener.name() + " cannot offer STARTTLS, for there is no certificate",
            "add one under certificates");
      }
    }
  }

  private void refusePreauth(Section own, ProtocolInfo.Service service, TlsSettings settings) {
    boolean preauth = settings.clients().map(ClientCertificateSettings::preauth).orElse(false);
    // What stands for all listeners has been refused there.
    if (preauth && !service.preauth() && own.has("client-certificates")) {
      problems.error(
          own.at("client-certificates"),
          "nobody is logged in by the greeting of " + service.name(),
          "leave preauth out; it is for "
              + services.values().stream()
                  .map(Provided::service)
                  .filter(ProtocolInfo.Service::preauth)
                  .map(ProtocolInfo.Service::name)
                  .collect(Collectors.joining(", ")));
    }
  }

  // Who comes with a certificate has no password that could be passed on.
  private void refuseClientsWithoutAccount(Section file, List<ListenerSettings> listeners) {
    for (BackendSettings backend : backends.values()) {
      if (backend.profile() != BackendProfile.POSTFIX && backend.master().isEmpty()) {
        listeners.stream()
            .filter(listener -> listener.protocol().equals(backend.protocol()))
            .filter(listener -> listener.tls().clients().isPresent())
            .findFirst()
            .ifPresent(
                listener ->
                    problems.error(
                        file.at("backends"),
                        "users who log in at "
                            + listener.name()
                            + " by a certificate have no password for the server",
                        "add master-user to backends."
                            + backend.protocol()
                            + ", with name and password-file"));
      }
    }
  }

  private void warnOfIdleBackends(Section file, List<ListenerSettings> listeners) {
    for (String backend : backends.keySet()) {
      if (listeners.stream().noneMatch(listener -> listener.protocol().equals(backend))) {
        problems.warning(
            file.at("backends"),
            "no listener leads to " + backend,
            "add one, or remove the backend");
      }
    }
  }
}
