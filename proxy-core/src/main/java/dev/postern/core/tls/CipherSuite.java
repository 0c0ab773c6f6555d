package dev.postern.core.tls;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TLS cipher suite as registered with IANA ("TLS Cipher Suites").
 *
 * @param code its two octets, the first the higher
 * @param name its name in the registry, {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256} for instance
 * @param openSslName what OpenSSL calls it where that is something else, {@code
 *     ECDHE-RSA-AES128-GCM-SHA256} for instance
 * @param isNative whether the native engine (BoringSSL) has it
 */
public record CipherSuite(int code, String name, Optional<String> openSslName, boolean isNative) {
  /** Reserved for private use: what stands in for a suite that the engine gives no code of. */
  private static final String UNKNOWN = "0xFFFF";

  private static final Pattern CODE =
      Pattern.compile("0x([0-9A-F]{2})[,_]?(?:0x)?([0-9A-F]{2})", Pattern.CASE_INSENSITIVE);

  /** Returns every suite of the registry, in the order of their codes. */
  public static List<CipherSuite> registered() {
    return CipherSuiteRegistry.SUITES;
  }

  /** Finds a suite by its two octets. */
  public static Optional<CipherSuite> ofCode(int code) {
    return CipherSuiteRegistry.ofCode(code);
  }

  /** Finds a suite by its name in the registry, capitals or not. */
  public static Optional<CipherSuite> ofName(String name) {
    return CipherSuiteRegistry.ofName(name);
  }

  /** Finds a suite by what OpenSSL calls it, capitals or not. */
  public static Optional<CipherSuite> ofOpenSslName(String name) {
    return CipherSuiteRegistry.ofOpenSslName(name);
  }

  /**
   * Writes what an engine calls a suite as trace fields and events want it: the name in the
   * registry; where there is none, {@code 0x} and the four digits of its code (CCO-4.3, RFC 8314
   * §4.3). A name that is in no list and gives no code is {@code 0xFFFF}, which IANA assigns to
   * nobody.
   *
   * @param engineName IANA's name, OpenSSL's, JSSE's ({@code SSL_RSA_WITH_…}), or a code
   */
  public static String traceName(String engineName) {
    Optional<CipherSuite> suite =
        ofName(engineName)
            .or(() -> ofOpenSslName(engineName))
            .or(() -> ofName(engineName.replaceFirst("^SSL_", "TLS_")));
    return suite.map(CipherSuite::name).orElseGet(() -> traceCode(engineName));
  }

  private static String traceCode(String engineName) {
    Matcher digits = CODE.matcher(engineName);
    if (!digits.matches()) {
      return UNKNOWN;
    }
    String code = digits.group(1) + digits.group(2);
    return ofCode(Integer.parseInt(code, 16))
        .map(CipherSuite::name)
        .orElseGet(() -> "0x" + code.toUpperCase(Locale.ROOT));
  }

  /**
   * Says whether a handshake of a version may choose the suite. Authenticated encryption and the
   * newer hashes came with TLS 1.2 (RFC 5246 §1.2, RFC 5288 §3, RFC 5289 §3); TLS 1.3 has suites of
   * its own, which no other version takes (RFC 8446 §4.1.1).
   */
  public boolean isOf(TlsVersion version) {
    return switch (version) {
      case TLS_1_0, TLS_1_1 -> isOfAnyBelow13() && (name.endsWith("_SHA") || name.endsWith("_MD5"));
      case TLS_1_2 -> isOfAnyBelow13();
      case TLS_1_3 -> !isOfAnyBelow13() && !isSignal();
    };
  }

  /** Says whether it stands for something else in a list of suites (RFC 5746, RFC 7507). */
  public boolean isSignal() {
    return name.endsWith("_SCSV");
  }

  /**
   * Says whether recorded connections can be read by whoever learns the server's private key later
   * (RFC 9325 §4.1).
   */
  public boolean lacksForwardSecrecy() {
    return name.startsWith("TLS_RSA_")
        || name.startsWith("TLS_DH_")
        || name.startsWith("TLS_ECDH_");
  }

  private boolean isOfAnyBelow13() {
    return name.contains("_WITH_") && !name.contains("_MGM_");
  }
}
