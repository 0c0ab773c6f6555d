package dev.postern.core.policy;

import dev.postern.core.tls.TlsFacts;
import java.net.InetAddress;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Everything a decision may depend on.
 *
 * @param service name of the service, {@code imaps} for instance
 * @param listener name of the listener
 * @param tls the channel's TLS; empty on cleartext
 * @param client the client's address
 * @param user who wants in; empty while not yet known
 * @param facts what the directory knows of the user; {@link UserFacts#NONE} without a directory
 * @param mechanism SASL mechanism in upper case, or {@code LOGIN}/{@code USER} for the protocol's
 *     own command; empty while not yet known
 * @param today the date, for rules that expire
 */
public record PolicyInput(
    String service,
    String listener,
    Optional<TlsFacts> tls,
    InetAddress client,
    Optional<String> user,
    UserFacts facts,
    Optional<String> mechanism,
    LocalDate today) {}
