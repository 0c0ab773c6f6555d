package dev.postern.core.sasl;

/** What a step of a SASL exchange led to. */
public sealed interface SaslStep {

  /**
   * The client must answer.
   *
   * @param challenge in base64, without a prefix; may be empty
   * @param next takes the answer
   */
  record Challenge(String challenge, SaslExchange next) implements SaslStep {}

  /**
   * The exchange is complete.
   *
   * @param credentials what the client gave
   */
  record Complete(Credentials credentials) implements SaslStep {}

  /**
   * The client is who it says it is, and wants to act as somebody else, which EXTERNAL does not let
   * it.
   *
   * @param credentials who the client is; whom it wanted to be is nobody's business
   */
  record Foreign(Credentials credentials) implements SaslStep {}

  /** The client cancelled with {@code *}. */
  record Cancelled() implements SaslStep {}

  /** What the client sent is not base64, or not what the mechanism calls for. */
  record Malformed() implements SaslStep {}
}
