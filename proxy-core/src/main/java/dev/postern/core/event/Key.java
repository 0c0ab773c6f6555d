package dev.postern.core.event;

/**
 * A key of audit and log lines. The vocabulary is fixed, because operators' queries depend on it:
 * every key stands in {@code docs/operators/audit.md}, and a key is never given a second meaning.
 */
enum Key {
  TIME("time"),
  EVENT("event"),
  SESSION("session"),
  SERVICE("service"),
  LISTENER("listener"),
  CLIENT("client"),
  CLIENT_PORT("client_port"),
  LOCAL("local"),
  LOCAL_PORT("local_port"),
  TLS_MODE("tls_mode"),
  TLS_VERSION("tls_version"),
  CIPHER_SUITE("cipher_suite"),
  GROUP("group"),
  SNI("sni"),
  ALPN("alpn"),
  RESUMED("resumed"),
  OFFERED_VERSIONS("offered_versions"),
  OFFERED_ALPN("offered_alpn"),
  CERTIFICATE_SUBJECT("certificate_subject"),
  CERTIFICATE_SHA256("certificate_sha256"),
  CERTIFICATE_USER("certificate_user"),
  CERTIFICATE_REFUSAL("certificate_refusal"),
  REASON("reason"),
  CLIENT_ID("client_id"),
  USER("user"),
  MECHANISM("mechanism"),
  DECISION("decision"),
  RULE("rule"),
  OUTCOME("outcome"),
  BACKEND("backend"),
  BACKEND_PORT("backend_port"),
  CONNECT_MS("connect_ms"),
  SENDER("sender"),
  RECIPIENTS("recipients"),
  OCTETS("octets"),
  REPLY("reply"),
  ACCEPTED("accepted"),
  LIMIT("limit"),
  DURATION_MS("duration_ms"),
  FROM_CLIENT("from_client"),
  TO_CLIENT("to_client"),
  LOST("lost");

  private final String label;

  Key(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
