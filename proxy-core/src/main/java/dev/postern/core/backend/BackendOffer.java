package dev.postern.core.backend;

import java.util.List;

/**
 * What a backend offers before login, as it said so itself: one entry a capability, arguments
 * included ({@code SIZE 10240000}, {@code AUTH=PLAIN}, {@code SASL PLAIN LOGIN}), in its order and
 * spelling.
 *
 * @param capabilities the entries
 * @param learned false for the list that is used until the backend has first answered
 * @param warnings what an operator must know: the proxy is not trusted there, no AUTH is offered,
 *     and the like
 */
public record BackendOffer(List<String> capabilities, boolean learned, List<String> warnings) {
  public BackendOffer {
    capabilities = List.copyOf(capabilities);
    warnings = List.copyOf(warnings);
  }
}
