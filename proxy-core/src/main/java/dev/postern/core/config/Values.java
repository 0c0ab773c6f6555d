package dev.postern.core.config;

import dev.postern.core.deep.DeepStatus;
import dev.postern.core.policy.Network;
import dev.postern.core.policy.Protection;
import dev.postern.core.tls.TlsVersion;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How each kind of value is read. Pure functions of the text. */
final class Values {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  private static final Pattern MEASURE = Pattern.compile("(\\d{1,9}) ?([A-Za-z]*)");
  private static final Pattern VERSION = Pattern.compile("tls ?(<|>=) ?(\\S+)");
  private static final Map<String, Duration> TIMES =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Map<String, Integer> SIZES =
      Map.of("", 1, "B", 1, "KiB", 1 << 10, "MiB", 1 << 20);

  private static final int HIGHEST_PORT = 65_535;

  private Values() {}

  /** Any text a person may read in a log line. */
  static Parsed<String> text(String text) {
    if (text.isEmpty()) {
      return Parsed.wrong("the text is empty");
    }
    return text.chars().anyMatch(Character::isISOControl)
        ? Parsed.wrong("control characters, or more than one line", "write it on one line")
        : Parsed.good(text);
  }

  /** A name that stands in metrics: letters, digits, dots, hyphens and underscores. */
  static Parsed<String> name(String text) {
    return NAME.matcher(text).matches()
        ? Parsed.good(text)
        : Parsed.wrong(
            quoted(text) + " is not a name",
            "1 to 64 letters, digits, dots, hyphens and underscores");
  }

  static Parsed.Parser<String> nameOf(String what, Collection<String> names) {
    return text ->
        names.contains(text)
            ? Parsed.good(text)
            : new Parsed.Wrong<>(
                "no " + what + " " + quoted(text), Nearest.suggestion(text, names));
  }

  static <T> Parsed.Parser<T> oneOf(T[] values, Function<T, String> label) {
    List<String> labels = Arrays.stream(values).map(label).toList();
    return text -> {
      int index = labels.indexOf(text.toLowerCase(Locale.ROOT));
      return index >= 0
          ? Parsed.good(values[index])
          : new Parsed.Wrong<>(
              quoted(text) + " is not possible here",
              Optional.of("one of: " + String.join(", ", labels)));
    };
  }

  static Parsed<Boolean> truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> Parsed.good(true);
      case "false" -> Parsed.good(false);
      default -> Parsed.wrong(quoted(text) + " is neither true nor false", "true or false");
    };
  }

  static Parsed.Parser<Integer> number(int least, int most) {
    return text -> {
      Matcher matcher = MEASURE.matcher(text);
      if (!matcher.matches() || !matcher.group(2).isEmpty()) {
        return Parsed.wrong(quoted(text) + " is not a number", least + " to " + most);
      }
      int number = Integer.parseInt(matcher.group(1));
      return number < least || number > most
          ? Parsed.wrong(number + " is out of range", least + " to " + most)
          : Parsed.good(number);
    };
  }

  /** A size in octets. */
  static Parsed.Parser<Integer> size(int least, int most) {
    return text -> {
      Matcher matcher = MEASURE.matcher(text);
      if (!matcher.matches()) {
        return Parsed.wrong(quoted(text) + " is not a size", "8KiB, for instance");
      }
      Integer unit = SIZES.get(matcher.group(2));
      if (unit == null) {
        return Parsed.wrong(
            "no unit " + quoted(matcher.group(2)),
            "KiB (1024 octets), MiB, or octets without a unit");
      }
      long octets = Long.parseLong(matcher.group(1)) * unit;
      return octets < least || octets > most
          ? Parsed.wrong(text + " is out of range", least + " to " + most + " octets")
          : Parsed.good((int) octets);
    };
  }

  static Parsed.Parser<Duration> duration(Duration least, Duration most) {
    return text -> {
      Matcher matcher = MEASURE.matcher(text);
      if (!matcher.matches()) {
        return Parsed.wrong(quoted(text) + " is not a duration", "30s, 5m or 36h, for instance");
      }
      Duration unit = TIMES.get(matcher.group(2));
      if (unit == null) {
        String digits = matcher.group(1);
        return Parsed.wrong(
            matcher.group(2).isEmpty()
                ? "a duration needs a unit"
                : "no unit " + quoted(matcher.group(2)),
            digits + "s for seconds, " + digits + "m for minutes; also ms, h, d");
      }
      Duration duration = unit.multipliedBy(Long.parseLong(matcher.group(1)));
      return duration.compareTo(least) < 0 || duration.compareTo(most) > 0
          ? Parsed.wrong(text + " is out of range", words(least) + " to " + words(most))
          : Parsed.good(duration);
    };
  }

  static Parsed<LocalDate> date(String text) {
    try {
      return Parsed.good(LocalDate.parse(text));
    } catch (DateTimeException e) {
      return Parsed.wrong(
          quoted(text) + " is not a date", "year-month-day: 2027-03-31, for instance");
    }
  }

  static Parsed.Parser<Path> path(Path directory) {
    return text -> {
      try {
        return Parsed.good(directory.resolve(text).normalize());
      } catch (InvalidPathException e) {
        return Parsed.wrong("not the name of a file");
      }
    };
  }

  /** A URL for users, short and plain enough to stand in a reply. */
  static Parsed.Parser<URI> url(String... schemes) {
    return text -> {
      try {
        URI uri = new URI(text);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!List.of(schemes).contains(scheme) || uri.getHost() == null) {
          return Parsed.wrong(
              quoted(text) + " is not a URL that will do", schemes[0] + "://help.example.org/mail");
        }
        return text.length() > 200 || text.chars().anyMatch(c -> c > 0x7e)
            ? Parsed.wrong(
                "the URL does not fit into a reply", "at most 200 characters, ASCII only")
            : Parsed.good(uri);
      } catch (URISyntaxException e) {
        return Parsed.wrong(
            quoted(text) + " is not a URL", schemes[0] + "://help.example.org/mail");
      }
    };
  }

  static Parsed<String> hostname(String text) {
    return isHostname(text)
        ? Parsed.good(text)
        : Parsed.wrong(quoted(text) + " is not a host name", "mail.example.org, for instance");
  }

  /** A name that certificates are for: a host name, or all that are one label longer. */
  static Parsed<String> serverName(String text) {
    return isHostname(text.startsWith("*.") ? text.substring(2) : text)
        ? Parsed.good(text.toLowerCase(Locale.ROOT))
        : Parsed.wrong(
            quoted(text) + " is not a name that clients ask for",
            "mail.example.org or \"*.example.org\"");
  }

  /**
   * Where to listen: an address, never a name, since a name may change under a running process.
   *
   * @param usual port for examples
   */
  static Parsed.Parser<InetSocketAddress> listenAddress(int usual) {
    return text -> {
      int colon = text.lastIndexOf(':');
      if (colon <= text.lastIndexOf(']')
          || (NetUtil.isValidIpV6Address(text) && !endsInPort(text))) {
        return Parsed.wrong(
            quoted(text) + " is not an address and port",
            "\"[::]:%d\", 0.0.0.0:%d or \":%d\"".formatted(usual, usual, usual));
      }
      return switch (port(text.substring(colon + 1), 0)) {
        case Parsed.Wrong<Integer>(var message, var suggestion) ->
            new Parsed.Wrong<>(message, suggestion);
        case Parsed.Good<Integer>(Integer port) -> listenAddress(text.substring(0, colon), port);
      };
    };
  }

  private static Parsed<InetSocketAddress> listenAddress(String host, int port) {
    if (host.isEmpty() || host.equals("*")) {
      return Parsed.good(new InetSocketAddress(port));
    }
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(host);
    if (octets == null) {
      return Parsed.wrong(
          quoted(host) + " is not an address",
          "\"[2001:db8::1]:%d\", 192.0.2.1:%d or \":%d\"".formatted(port, port, port));
    }
    if (isBareIpv6(host)) {
      return Parsed.wrong("an IPv6 address needs brackets", "\"[" + host + "]:" + port + "\"");
    }
    try {
      return Parsed.good(new InetSocketAddress(InetAddress.getByAddress(octets), port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // only for a wrong number of octets
    }
  }

  // Most of what ends in a port without brackets around the address is an IPv6 address itself.
  private static boolean endsInPort(String text) {
    return NetUtil.isValidIpV6Address(text.substring(0, text.lastIndexOf(':')));
  }

  /**
   * Where a server is.
   *
   * @param usual port when none is written; without, one must be
   */
  static Parsed.Parser<HostPort> hostPort(Optional<Integer> usual) {
    return text -> {
      int example = usual.orElse(143);
      String suggestion =
          "10.0.0.5:%d, \"[2001:db8::5]:%d\" or mail.internal:%d"
              .formatted(example, example, example);
      int colon = text.lastIndexOf(':');
      boolean withPort =
          colon > text.lastIndexOf(']') && colon < text.length() - 1 && !isBareIpv6(text);
      if (!withPort && (usual.isEmpty() || (text.endsWith(":") && !isBareIpv6(text)))) {
        return Parsed.wrong("the port is missing in " + quoted(text), suggestion);
      }
      int port = usual.orElse(0);
      if (withPort) {
        switch (port(text.substring(colon + 1), 1)) {
          case Parsed.Wrong<Integer>(var message, var range) -> {
            return new Parsed.Wrong<>(message, range);
          }
          case Parsed.Good<Integer>(Integer written) -> port = written;
        }
      }
      return hostPort(withPort ? text.substring(0, colon) : text, port, suggestion);
    };
  }

  private static Parsed<HostPort> hostPort(String host, int port, String suggestion) {
    if (host.startsWith("[") && host.endsWith("]")) {
      String address = host.substring(1, host.length() - 1);
      return NetUtil.isValidIpV6Address(address)
          ? Parsed.good(new HostPort(address, port))
          : Parsed.wrong(quoted(address) + " is not an IPv6 address", suggestion);
    }
    if (isBareIpv6(host)) {
      return Parsed.wrong("an IPv6 address needs brackets", "\"[" + host + "]:" + port + "\"");
    }
    return NetUtil.isValidIpV4Address(host) || isHostname(host)
        ? Parsed.good(new HostPort(host, port))
        : Parsed.wrong(quoted(host) + " is neither an address nor a host name", suggestion);
  }

  static Parsed<Network> network(String text) {
    Optional<Network> network = Network.parse(text);
    if (network.isEmpty()) {
      return Parsed.wrong(
          quoted(text) + " is not a network", "10.1.3.0/24, \"2001:db8::/32\" or one address");
    }
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean hostBits =
        Network.parse(address)
            .map(one -> !one.address().equals(network.get().address()))
            .orElse(true);
    return hostBits
        ? Parsed.wrong(
            text + " names bits beyond its prefix",
            network.get() + " for the network, " + address + " for the one address")
        : Parsed.good(network.get());
  }

  static Parsed<TlsVersion> tlsVersion(String text) {
    String number = text.toLowerCase(Locale.ROOT).replaceFirst("^tlsv?", "");
    if (text.toLowerCase(Locale.ROOT).startsWith("ssl")) {
      return Parsed.wrong("SSL is not TLS, and is forbidden (RFC 7568)", "1.2");
    }
    return TlsVersion.ofNumber(number)
        .map(Parsed::good)
        .orElseGet(() -> Parsed.wrong(quoted(text) + " is not a version of TLS", "1.2 or 1.3"));
  }

  static Parsed<Protection> protection(String text) {
    String word = text.toLowerCase(Locale.ROOT);
    if (word.equals("cleartext")) {
      return Parsed.good(new Protection.Cleartext());
    }
    if (word.equals("tls")) {
      return Parsed.good(new Protection.TlsFrom(TlsVersion.TLS_1_0));
    }
    Matcher matcher = VERSION.matcher(word);
    Optional<TlsVersion> version =
        matcher.matches() ? TlsVersion.ofNumber(matcher.group(2)) : Optional.empty();
    if (version.isEmpty()) {
      return Parsed.wrong(
          quoted(text) + " is no protection", "cleartext, tls, tls<1.3 or tls>=1.3");
    }
    return Parsed.good(
        matcher.group(1).equals("<")
            ? new Protection.TlsBelow(version.get())
            : new Protection.TlsFrom(version.get()));
  }

  static Parsed<String> securityTag(String text) {
    return DeepStatus.isTag(text)
        ? Parsed.good(text)
        : Parsed.wrong(
            quoted(text) + " is not a security tag",
            "a letter, then at most 63 letters, digits, hyphens or underscores");
  }

  static String words(Duration duration) {
    if (duration.toMillisPart() != 0) {
      return duration.toMillis() + "ms";
    }
    if (duration.toSecondsPart() != 0 || duration.isZero()) {
      return duration.toSeconds() + "s";
    }
    return duration.toMinutesPart() != 0 ? duration.toMinutes() + "m" : duration.toHours() + "h";
  }

  // RFC 1123 §2.1, ASCII only; a last label of digits would be an address.
  private static boolean isHostname(String text) {
    String[] labels = text.split("\\.", -1);
    return text.length() <= 253
        && Arrays.stream(labels).allMatch(label -> LABEL.matcher(label).matches())
        && !labels[labels.length - 1].chars().allMatch(Character::isDigit);
  }

  private static boolean isBareIpv6(String text) {
    return !text.startsWith("[") && text.indexOf(':') != text.lastIndexOf(':');
  }

  private static Parsed<Integer> port(String text, int least) {
    if (number(least, HIGHEST_PORT).parse(text) instanceof Parsed.Good<Integer> good) {
      return good;
    }
    boolean digits = text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '-');
    return Parsed.wrong((digits ? text : quoted(text)) + " is not a port", "1 to " + HIGHEST_PORT);
  }

  /** Returns what was written as it may stand in a message: one line, and not a long one. */
  static String quoted(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return "\"" + (line.length() > 80 ? line.substring(0, 80) + "..." : line) + "\"";
  }
}
