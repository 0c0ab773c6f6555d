package dev.postern.core.tls;

import java.util.Arrays;
import java.util.Optional;

/** A version of TLS, oldest first, so that {@link #compareTo} means "older than". */
public enum TlsVersion {
  /** RFC 2246. */
  TLS_1_0("TLSv1", "1.0"),
  /** RFC 4346. */
  TLS_1_1("TLSv1.1", "1.1"),
  /** RFC 5246. */
  TLS_1_2("TLSv1.2", "1.2"),
  /** RFC 8446. */
  TLS_1_3("TLSv1.3", "1.3");

  private final String protocol;
  private final String number;

  TlsVersion(String protocol, String number) {
    this.protocol = protocol;
    this.number = number;
  }

  /** Returns the name that TLS engines use, {@code TLSv1.3} for instance. */
  public String protocol() {
    return protocol;
  }

  /** Returns the number alone, {@code 1.3} for instance; it is the form used in configuration. */
  public String number() {
    return number;
  }

  /** Finds a version by the name that TLS engines use. */
  public static Optional<TlsVersion> ofProtocol(String protocol) {
    return Arrays.stream(values()).filter(v -> v.protocol.equals(protocol)).findFirst();
  }

  /** Finds a version by its number. */
  public static Optional<TlsVersion> ofNumber(String number) {
    return Arrays.stream(values()).filter(v -> v.number.equals(number)).findFirst();
  }
}
