package dev.postern.core.snapshot;

import dev.postern.core.deep.DeepStatus;
import java.net.URI;
import java.util.Optional;

/**
 * The part of the configuration that dialogues may see.
 *
 * @param hostname the proxy's own name, in greetings and trace fields
 * @param support page that denials point users to
 * @param deep the DEEP status to advertise
 * @param limits bounds on clients
 * @param trace how trace fields are written
 */
public record Terms(
    String hostname, Optional<URI> support, DeepStatus deep, Limits limits, TraceSettings trace) {}
