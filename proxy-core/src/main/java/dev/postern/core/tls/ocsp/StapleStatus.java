package dev.postern.core.tls.ocsp;

import java.time.Instant;
import java.util.Optional;

/**
 * How stapling goes for one certificate.
 *
 * @param until until when the response at hand may be used; empty when there is none
 * @param failures times that no usable response was to be had
 * @param detail the same for people: a sentence without its subject
 */
public record StapleStatus(Optional<Instant> until, long failures, String detail) {}
