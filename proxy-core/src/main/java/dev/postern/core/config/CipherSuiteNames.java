package dev.postern.core.config;

import dev.postern.core.tls.CipherSuite;
import dev.postern.core.tls.TlsVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads cipher suites by the names of IANA and of OpenSSL, and refuses those that protect nobody.
 */
final class CipherSuiteNames {
  private static final String EXAMPLE = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, for instance";
  private static final Pattern EXPRESSION = Pattern.compile(".*[:!+@, ].*");

  private static final String RC4 = "RC4 can be broken, and is forbidden (RFC 7465)";
  private static final String SSL = "SSL is not TLS, and is forbidden (RFC 7568)";
  private static final String NULL = "it encrypts nothing";
  private static final String EXPORT = "keys of export strength are broken in minutes";
  private static final String ANONYMOUS = "without a certificate anybody may answer for the server";
  private static final String SMALL_BLOCKS =
      "its 64-bit blocks can be broken (RFC 9325 section 4.1)";
  private static final String SHARED =
      "it needs a key that client and server have agreed on before";

  // By the words that names are made of, for some names are in no list: engines have long dropped
  // what they stand for. The first that applies is told.
  private static final List<Map.Entry<String, String>> REFUSED =
      List.of(
          Map.entry("RC4", RC4),
          Map.entry("ARCFOUR", RC4),
          Map.entry("SSLV2", SSL),
          Map.entry("SSLV3", SSL),
          Map.entry("NULL", NULL),
          Map.entry("EXP", EXPORT),
          Map.entry("EXPORT", EXPORT),
          Map.entry("EXPORT1024", EXPORT),
          Map.entry("ANON", ANONYMOUS),
          Map.entry("ADH", ANONYMOUS),
          Map.entry("AECDH", ANONYMOUS),
          Map.entry("DES", SMALL_BLOCKS),
          Map.entry("DES40", SMALL_BLOCKS),
          Map.entry("3DES", SMALL_BLOCKS),
          Map.entry("IDEA", SMALL_BLOCKS),
          Map.entry("RC2", SMALL_BLOCKS),
          Map.entry("PSK", SHARED));

  // What can be chosen, for who has mistyped.
  private static final List<String> NAMES =
      CipherSuite.registered().stream()
          .filter(suite -> suite.isNative() && refusal(suite.name()).isEmpty())
          .map(CipherSuite::name)
          .toList();

  private CipherSuiteNames() {}

  static Parsed<CipherSuite> parse(String text) {
    if (EXPRESSION.matcher(text).matches()) {
      return Parsed.wrong(
          Values.quoted(text) + " is not one suite",
          "an entry for each, the most preferred first: " + EXAMPLE);
    }
    Optional<String> refusal = refusal(text);
    if (refusal.isPresent()) {
      return Parsed.wrong(Values.quoted(text) + " is refused: " + refusal.get(), EXAMPLE);
    }
    CipherSuite suite =
        CipherSuite.ofName(text).or(() -> CipherSuite.ofOpenSslName(text)).orElse(null);
    if (suite == null || suite.isSignal()) {
      return new Parsed.Wrong<>(
          "no cipher suite " + Values.quoted(text), Nearest.suggestion(text, NAMES));
    }
    return suite.isNative() || suite.isOf(TlsVersion.TLS_1_3)
        ? Parsed.good(suite)
        : Parsed.wrong("the TLS engine does not have " + suite.name(), EXAMPLE);
  }

  private static Optional<String> refusal(String name) {
    List<String> words = List.of(name.toUpperCase(Locale.ROOT).split("[-_]", -1));
    return REFUSED.stream()
        .filter(refused -> words.contains(refused.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
