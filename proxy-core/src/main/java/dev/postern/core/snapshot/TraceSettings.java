package dev.postern.core.snapshot;

/**
 * How the trace field of submitted mail names the client.
 *
 * @param address how much of the client's address is written
 */
public record TraceSettings(Address address) {

  /** The settings of a configuration that says nothing. */
  public static final TraceSettings DEFAULT = new TraceSettings(Address.FULL);

  /** How much of the client's address the trace field shows. */
  public enum Address {
    /** The whole address. */
    FULL,
    /** The network: IPv4 /24, IPv6 /48, the rest zero. */
    NETWORK,
    /** Nothing. */
    OMIT
  }
}
