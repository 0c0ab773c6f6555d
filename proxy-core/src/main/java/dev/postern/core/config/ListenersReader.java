package dev.postern.core.config;

import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads where clients connect, and whether somebody is behind. */
final class ListenersReader {

  private record Provided(String protocol, ProtocolInfo.Service service) {}

  private static final int EXAMPLE_PORT = 993;

  // In nobody's way: stands for an address that could not be read.
  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  private final Map<String, Provided> services = new LinkedHashMap<>();
  private final List<String> certificates;
  private final Set<String> backends;
  private final TlsSettings tls;
  private final Problems problems;
  private boolean certificatesAreWrong;

  ListenersReader(
      Collection<ProtocolInfo> protocols,
      List<String> certificates,
      Set<String> backends,
      TlsSettings tls,
      Problems problems) {
    for (ProtocolInfo protocol : protocols) {
      for (ProtocolInfo.Service service : protocol.services()) {
        services.put(service.name(), new Provided(protocol.name(), service));
      }
    }
    this.certificates = certificates;
    this.backends = backends;
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
          .filter(provided -> backends.contains(provided.protocol()))
          .map(this::byDefault)
          .forEach(listeners::add);
      refuseWithoutCertificate(file.at("certificates"), listeners);
      refuseChoice(
          file.at("certificates"),
          certificates,
          "keep one, which may be for several names, or write listeners that name one each");
    }
    warnOfIdleBackends(file, listeners);
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
        tls);
  }

  private Optional<ListenerSettings> listener(Section section, List<ListenerSettings> before) {
    String name =
        section.required("service", "", "imaps", Values.nameOf("service", services.keySet()));
    List<String> shown = section.list("certificates", Values.nameOf("certificate", certificates));
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
            shown.isEmpty() ? certificates : shown,
            tls);
    refuseTwins(section, listener, before);
    if (!backends.contains(listener.protocol())) {
      problems.error(
          section.at("service"),
          "there is no backend for " + listener.protocol(),
          "add backends." + listener.protocol() + ", or remove the listener");
    }
    refuseWithoutCertificate(section.at("service"), List.of(listener));
    refuseChoice(
        section.at("certificates"),
        listener.certificates(),
        "name one, which may be for several names");
    return Optional.of(listener);
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
      if (listener.mode() == TlsMode.IMPLICIT) {
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

  // Clients would all be shown the first, whichever name they ask for.
  private void refuseChoice(Tree where, List<String> shown, String suggestion) {
    long count = shown.stream().distinct().count();
    if (count > 1) {
      problems.error(where, "a listener shows one certificate, and here are " + count, suggestion);
    }
  }

  private void warnOfIdleBackends(Section file, List<ListenerSettings> listeners) {
    for (String backend : backends) {
      if (listeners.stream().noneMatch(listener -> listener.protocol().equals(backend))) {
        problems.warning(
            file.at("backends"),
            "no listener leads to " + backend,
            "add one, or remove the backend");
      }
    }
  }
}
