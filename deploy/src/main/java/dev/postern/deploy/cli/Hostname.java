package dev.postern.deploy.cli;

import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A name for a certificate, as it is written in the DNS and in lower case: a host, a domain, or a
 * wildcard for the whole first label (RFC 9525 §6.3).
 */
record Hostname(String text) {
  // RFC 1123 §2.1; a last label of digits would be an address.
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern NAME =
      Pattern.compile("(?:\\*\\.)?(?:" + LABEL + "\\.)*(?![0-9]+$)" + LABEL);
  private static final int LONGEST = 253;

  static boolean isName(String text) {
    return text.length() <= LONGEST && NAME.matcher(text.toLowerCase(Locale.ROOT)).matches();
  }

  /** Reads an argument. */
  static final class Converter implements ITypeConverter<Hostname> {
    @Override
    public Hostname convert(String argument) {
      String folded = argument.toLowerCase(Locale.ROOT);
      if (folded.chars().anyMatch(c -> c >= 0x80)) {
        throw new TypeConversionException(
            "'" + argument + "' is not ASCII: write it as in the DNS, xn--...");
      }
      if (!isName(folded)) {
        throw new TypeConversionException(
            "'" + argument + "' is not a host name: mail.example.org, for instance");
      }
      return new Hostname(folded);
    }
  }
}
