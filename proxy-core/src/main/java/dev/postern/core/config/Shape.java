package dev.postern.core.config;

import java.util.Arrays;
import java.util.List;

/**
 * The keys of the file: what each kind of mapping in it may hold. Whatever is not here is refused.
 */
enum Shape {
  FILE(
      "",
      "hostname",
      "listeners",
      "certificates",
      "tls",
      "backends",
      "policy",
      "limits",
      "deep",
      "support-url",
      "trace",
      "management",
      "audit"),
  LISTENER("listeners[].", "service", "address", "name", "certificates", "tls", "proxy-protocol"),
  CERTIFICATE(
      "certificates[].",
      "name",
      "names",
      "chain",
      "key",
      "key-password-file",
      "pkcs12",
      "password-file",
      "ocsp"),
  TLS(
      "tls.",
      "profile",
      "minimum",
      "maximum",
      "cipher-suites",
      "groups",
      "strict-sni",
      "without-certificate",
      "client-certificates",
      "tickets",
      "ticket-rotation"),
  /** Of those of all listeners the ones that a listener may have for itself, by the same paths. */
  LISTENER_TLS(
      "tls.",
      "profile",
      "minimum",
      "maximum",
      "cipher-suites",
      "groups",
      "strict-sni",
      "without-certificate",
      "client-certificates"),
  CLIENT_CERTIFICATES(
      "tls.client-certificates.",
      "authorities",
      "depth",
      "revocations",
      "identity",
      "fingerprints",
      "required",
      "preauth"),
  BACKEND("backends.<protocol>.", "profile", "addresses", "capabilities", "master-user"),
  MASTER_USER("backends.<protocol>.master-user.", "name", "password-file"),
  POLICY("policy.", "directory", "rules"),
  DIRECTORY("policy.directory.", "file"),
  RULE(
      "policy.rules[].",
      "name",
      "reason",
      "until",
      "when",
      "then",
      "bare-newlines",
      "without-login"),
  CONDITIONS(
      "policy.rules[].when.",
      "services",
      "listeners",
      "networks",
      "users",
      "domains",
      "groups",
      "protection",
      "mechanisms"),
  LIMITS(
      "limits.",
      "line-length",
      "literal-size",
      "literals",
      "pre-login-octets",
      "bad-commands",
      "pipelined-commands",
      "handshake-deadline",
      "login-deadline",
      "idle-timeout",
      "connections",
      "connections-per-address",
      "handshakes-per-address",
      "failed-login-delay",
      "backend-deadline",
      "drain-deadline",
      "recipients",
      "messages",
      "message-size"),
  DEEP("deep.", "tags", "support"),
  TRACE("trace.", "client-address"),
  MANAGEMENT("management.", "address"),
  AUDIT("audit.", "file");

  private final String prefix;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> keys;

  Shape(String prefix, String... keys) {
    this.prefix = prefix;
    this.keys = List.of(keys);
  }

  List<String> keys() {
    return keys;
  }

  /**
   * Returns every key that can be written, as a path: {@code listeners[].service}. What stands
   * under {@code listeners[].tls} is listed once, under {@code tls}.
   */
  static List<String> paths() {
    return Arrays.stream(values())
        .flatMap(shape -> shape.keys.stream().map(key -> shape.prefix + key))
        .distinct()
        .toList();
  }
}
