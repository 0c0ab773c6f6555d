package dev.postern.core.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.event.Limit;
import dev.postern.core.policy.BareNewlines;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.sasl.Secret;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.SubmissionLimits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.ClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Plays a {@code .dialogue} file against a dialogue. The file is readable by a mail person:
 *
 * <pre>
 *   # a remark
 *   = service imap starttls        service and mode: implicit or starttls
 *   = profile dovecot-2.3
 *   = client 192.0.2.4:4711
 *   = offer IMAP4rev1 | SASL-IR | AUTH=PLAIN
 *   = deep tls12 tls-cert          security tags of the status
 *   = support https://help.example.org/
 *   = messages 2                   limits of submission; also "recipients", "message-size"
 *   = first \\t                     the octet that bodies from here on begin with; else S
 *   = no-starttls                  STARTTLS would not work
 *   = master proxy secret          the backend has a master user: name and password
 *   = preauth                      who comes with a certificate is logged in without asking
 *   ? ready                        the session begins in clear; "ready tls VERSION SUITE [GROUP]" with TLS
 *   ? ready no-login               policy lets nobody in; also behind "tls …"
 *   ? ready tls … identity=NAME    the client's certificate stands for a user; also behind "tls …"
 *   S: * OK …                      to the client
 *   C: a NOOP                      from the client (only legal when the dialogue has asked for a line)
 *   C{5}: alice                    octets that the dialogue asked for
 *   P: a LOGIN …                   to the backend
 *   B: a OK …                      from the backend
 *   C+: / B+:                      a unit lifted out during pass-through (CRLF is added)
 *   ! decide alice LOGIN           any other effect, see {@code render}
 *   ? allow | ? deny tls-required | ? connected | ? lost closed | ? resumed | ? shutdown | ? tls VERSION SUITE
 *   ? allow normalize | ? body 120 bare-lf | ? body-too-large 120
 *   ? gone                         asks what of the session's work its end would cut off here
 *   ? violation bare-lf | ? timeout login-deadline | ? refused connections | ? body 120 | ? body-violated bare-lf 10
 * </pre>
 *
 * After each input ({@code ? C B}) the effects must be exactly the {@code S P !} lines that follow.
 * {@code \t \0 \r \n \\} are escapes. Events are compared only when written: {@code ! emit} lines
 * name the event's text, and events not written are ignored (but for those of {@code ? gone}); so
 * it is with {@code ! idle} lines.
 */
public final class Transcript {
  /** The session identifier in all transcripts. */
  public static final String SESSION = "01JD0000000000000000000000";

  private static final String GONE = "? gone";

  private final MailProtocol protocol;
  private final List<String> lines;
  private final String name;

  private Transcript(MailProtocol protocol, List<String> lines, String name) {
    this.protocol = protocol;
    this.lines = lines;
    this.name = name;
  }

  /** Lists the {@code .dialogue} files of a folder of the class path, by name. */
  public static List<Path> in(Class<?> owner, String folder) {
    try {
      Path root = Path.of(owner.getResource(folder).toURI());
      try (var files = Files.walk(root)) {
        return files.filter(f -> f.toString().endsWith(".dialogue")).sorted().toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Plays one file. */
  public static void play(MailProtocol protocol, Path file) {
    try {
      new Transcript(protocol, Files.readAllLines(file, UTF_8), file.getFileName().toString())
          .run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run() {
    Map<String, String> given = new HashMap<>();
    Dialogue dialogue = null;
    Demand demand = new Demand();
    int inputs = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("= ")) {
        String[] kv = line.substring(2).split(" ", 2);
        given.put(kv[0], kv.length > 1 ? kv[1].strip() : "");
        continue;
      }
      assertThat(isInput(line)).as("%s:%d: expected an input here: %s", name, i + 1, line).isTrue();
      demand.first = unescape(given.getOrDefault("first", "S")).charAt(0);
      if (dialogue == null) {
        dialogue = protocol.open(facts(given), terms(given));
      }
      inputs++;
      List<String> expected = new ArrayList<>();
      int at = i + 1;
      while (i + 1 < lines.size() && !isInput(lines.get(i + 1))) {
        i++;
        if (!lines.get(i).isBlank() && !lines.get(i).startsWith("#")) {
          expected.add(lines.get(i).stripTrailing());
        }
      }
      boolean idle = expected.stream().anyMatch(l -> l.startsWith("! idle"));
      boolean events = line.equals(GONE) || expected.stream().anyMatch(l -> l.startsWith("! emit"));
      List<String> actual = new ArrayList<>();
      for (Effect e : feed(dialogue, line, at, demand)) {
        if (idle || !(e instanceof Effect.IdleTimeout)) {
          render(e, actual, demand, events);
        }
      }
      assertThat(actual).as("%s:%d: after %s", name, at, line).isEqualTo(expected);
    }
    assertThat(inputs).as("inputs in %s", name).isPositive();
  }

  private static final class Demand {
    boolean line;
    int octets;
    int first = 'S';
  }

  private static boolean isInput(String line) {
    return line.startsWith("C") || line.startsWith("B") || line.startsWith("?");
  }

  private List<Effect> feed(Dialogue dialogue, String line, int at, Demand demand) {
    int colon = line.indexOf(':');
    String text =
        line.startsWith("?")
            ? ""
            : unescape(colon + 2 <= line.length() ? line.substring(colon + 2) : "");
    String kind = line.startsWith("?") ? "?" : line.substring(0, colon);
    switch (kind) {
      case "C" -> {
        assertThat(demand.line)
            .as("%s:%d: the dialogue has not asked for a line", name, at)
            .isTrue();
        demand.line = false;
        return withLine(text, b -> dialogue.on(new Signal.ClientLine(b)));
      }
      case "B" -> {
        return withLine(text, b -> dialogue.on(new Signal.BackendLine(b)));
      }
      case "C+" -> {
        return with(text + "\r\n", b -> dialogue.on(new Signal.ClientUnit(b)));
      }
      case "B+" -> {
        return with(text + "\r\n", b -> dialogue.on(new Signal.BackendUnit(b)));
      }
      case "?" -> {
        if (line.equals(GONE)) {
          return dialogue.cutOff().stream().<Effect>map(Effect.Emit::new).toList();
        }
        return dialogue.on(signal(line.substring(1).strip().split(" +")));
      }
      default -> {
        int count = Integer.parseInt(kind.substring(2, kind.indexOf('}')));
        assertThat(demand.octets).as("%s:%d: octets asked for", name, at).isEqualTo(count);
        assertThat(text.getBytes(UTF_8)).as("%s:%d", name, at).hasSize(count);
        demand.octets = 0;
        return with(text, b -> dialogue.on(new Signal.ClientOctets(b)));
      }
    }
  }

  /** A line as the driver delivers it: its CRLF stands behind the writer index. */
  private static List<Effect> withLine(String text, Function<ByteBuf, List<Effect>> call) {
    return with(text + "\r\n", b -> call.apply(b.writerIndex(b.writerIndex() - 2)));
  }

  private static List<Effect> with(String text, Function<ByteBuf, List<Effect>> call) {
    ByteBuf b = Unpooled.copiedBuffer(text, UTF_8);
    try {
      return List.copyOf(call.apply(b));
    } finally {
      b.release();
    }
  }

  private static Signal signal(String[] w) {
    List<String> words = Arrays.asList(w);
    boolean login = !words.contains("no-login");
    return switch (w[0]) {
      case "ready" ->
          new Signal.Ready(
              words.contains("tls") ? Optional.of(tls(w, 2, TlsMode.IMPLICIT)) : Optional.empty(),
              login);
      case "tls" -> new Signal.ClientTls(tls(w, 1, TlsMode.STARTTLS), login);
      case "allow" ->
          new Signal.Decided(
              new Decision.Allow(
                  "default",
                  words.contains("normalize") ? BareNewlines.NORMALIZE : BareNewlines.REJECT));
      case "deny" ->
          new Signal.Decided(
              new Decision.Deny(
                  "default",
                  Arrays.stream(DenialReason.values())
                      .filter(r -> r.label().equals(w[1]))
                      .findFirst()
                      .orElseThrow()));
      case "connected" -> new Signal.BackendConnected();
      case "lost" ->
          new Signal.BackendLost(
              Arrays.stream(BackendLoss.values())
                  .filter(r -> r.label().equals(w[1]))
                  .findFirst()
                  .orElseThrow());
      case "resumed" -> new Signal.Resumed();
      case "shutdown" -> new Signal.Shutdown();
      case "violation" -> new Signal.ClientViolation(violation(w[1]));
      case "timeout" -> new Signal.TimedOut(limit(w[1]));
      case "refused" -> new Signal.Refused(limit(w[1]));
      case "body" ->
          new Signal.BodyDone(
              new BodyOutcome.Complete(
                  Long.parseLong(w[1]),
                  w.length > 2 ? Optional.of(violation(w[2])) : Optional.empty()));
      case "body-too-large" -> new Signal.BodyDone(new BodyOutcome.TooLarge(Long.parseLong(w[1])));
      case "body-violated" ->
          new Signal.BodyDone(new BodyOutcome.Violated(violation(w[1]), Long.parseLong(w[2])));
      default -> throw new IllegalArgumentException("unknown signal: " + String.join(" ", w));
    };
  }

  private static WireViolation violation(String label) {
    return Arrays.stream(WireViolation.values())
        .filter(r -> r.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  private static Limit limit(String label) {
    return Arrays.stream(Limit.values())
        .filter(r -> r.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  private static TlsFacts tls(String[] w, int from, TlsMode mode) {
    List<String> rest =
        Arrays.stream(w).skip(from + 2).filter(word -> !word.equals("no-login")).toList();
    Optional<String> group = rest.stream().filter(word -> !word.contains("=")).findFirst();
    Optional<ClientCertificate> certificate =
        rest.stream()
            .filter(word -> word.startsWith("identity="))
            .map(word -> unescape(word.substring("identity=".length())))
            .map(Transcript::certificate)
            .findFirst();
    return new TlsFacts(
        TlsVersion.ofProtocol(w[from]).orElseThrow(),
        w[from + 1],
        group,
        Optional.of("mail.example.org"),
        Optional.empty(),
        false,
        mode,
        certificate);
  }

  private static ClientCertificate certificate(String identity) {
    return new ClientCertificate(
        "CN=" + identity, List.of("email:" + identity), "ab".repeat(32), Optional.of(identity));
  }

  private static void render(Effect effect, List<String> out, Demand demand, boolean events) {
    switch (effect) {
      case Effect.Reply r -> text("S: ", r.octets(), out);
      case Effect.ToBackend b -> text("P: ", b.octets(), out);
      case Effect.UpgradeClientTls u -> {
        text("S: ", u.reply(), out);
        out.add("! upgrade");
      }
      case Effect.ReadLine r -> {
        assertThat(demand.line || demand.octets > 0).as("asked twice for client input").isFalse();
        demand.line = true;
      }
      case Effect.ReadOctets r -> {
        assertThat(demand.line || demand.octets > 0).as("asked twice for client input").isFalse();
        demand.octets = r.count();
        out.add("! octets " + r.count());
      }
      case Effect.Decide d ->
          out.add(
              "! decide "
                  + d.user()
                  + (d.authorizationIdentity().isEmpty() ? "" : " as " + d.authorizationIdentity())
                  + " "
                  + d.mechanism());
      case Effect.DecideWithoutLogin d -> out.add("! decide without-login");
      case Effect.Connect c -> out.add(("! connect " + c.user()).stripTrailing());
      case Effect.LeaveBackend l -> out.add("! leave-backend");
      case Effect.StreamBody s -> {
        text("P: ", s.prefix().before(demand.first), out);
        out.add(
            switch (s.framing()) {
              case BodyFraming.DotTerminated d ->
                  "! stream dot"
                      + (d.normalize() ? " normalize" : "")
                      + (d.most() == Long.MAX_VALUE ? "" : " most " + d.most());
              case BodyFraming.Counted c -> "! stream " + c.count();
              case BodyFraming.Discarded d -> "! discard " + d.count();
            });
      }
      case Effect.PassThrough p -> out.add("! pass-through");
      case Effect.RelayOpaque o -> out.add("! relay-opaque");
      case Effect.IdleTimeout i ->
          out.add(
              "! idle " + i.after() + " " + i.limit().label() + (i.ofBackend() ? " backend" : ""));
      case Effect.Pause p -> out.add("! pause");
      case Effect.Emit e -> {
        if (events) {
          // what is always so but for an exception is left out
          out.add("! emit " + e.event().toString().replace(", bareNewlines=REJECT", ""));
        }
      }
      case Effect.Close c -> out.add("! close " + c.reason().label());
    }
  }

  private static void text(String prefix, ByteBuf octets, List<String> out) {
    String all = octets.toString(UTF_8);
    octets.release();
    if (all.isEmpty()) {
      return;
    }
    assertThat(all).as("written in whole lines").endsWith("\r\n");
    for (String line : all.substring(0, all.length() - 2).split("\r\n", -1)) {
      out.add((prefix + escape(line)).stripTrailing());
    }
  }

  private static String escape(String s) {
    return s.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\0", "\\0")
        .replace("\r", "\\r")
        .replace("\n", "\\n");
  }

  private static String unescape(String s) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c != '\\' || i + 1 == s.length()) {
        out.append(c);
        continue;
      }
      out.append(
          switch (s.charAt(++i)) {
            case 't' -> '\t';
            case '0' -> '\0';
            case 'r' -> '\r';
            case 'n' -> '\n';
            default -> s.charAt(i);
          });
    }
    return out.toString();
  }

  private SessionFacts facts(Map<String, String> given) {
    String[] service =
        given
            .getOrDefault("service", protocol.info().services().get(0).name() + " implicit")
            .split(" ");
    String[] client = given.getOrDefault("client", "192.0.2.4:4711").split(":(?=\\d+$)");
    BackendOffer offer =
        given.containsKey("offer")
            ? new BackendOffer(List.of(given.get("offer").split(" *\\| *")), true, List.of())
            : protocol.info().assumed();
    return new SessionFacts(
        SESSION,
        service[0],
        service[1].equals("implicit") ? TlsMode.IMPLICIT : TlsMode.STARTTLS,
        service[1].equals("starttls") && !given.containsKey("no-starttls"),
        new InetSocketAddress(client[0], Integer.parseInt(client[1])),
        new InetSocketAddress("198.51.100.1", 993),
        BackendProfile.of(given.getOrDefault("profile", "plain")).orElseThrow(),
        offer,
        Optional.ofNullable(given.get("master")).map(Transcript::master),
        given.containsKey("preauth"));
  }

  private static MasterUser master(String given) {
    String[] words = given.split(" ");
    return new MasterUser(words[0], Secret.copyOf(words[1].getBytes(UTF_8)));
  }

  private static Terms terms(Map<String, String> given) {
    String tags = given.getOrDefault("deep", "");
    Optional<URI> support = Optional.ofNullable(given.get("support")).map(URI::create);
    return new Terms(
        "mail.example.org",
        support,
        new DeepStatus(tags.isEmpty() ? List.of() : List.of(tags.split(" ")), Optional.empty()),
        limits(given),
        TraceSettings.DEFAULT);
  }

  private static Limits limits(Map<String, String> given) {
    Limits d = Limits.DEFAULT;
    SubmissionLimits s = d.submission();
    return new Limits(
        d.lineLength(),
        d.literalSize(),
        d.literalCount(),
        d.preLoginOctets(),
        d.badCommands(),
        d.pipelinedCommands(),
        d.handshakeDeadline(),
        d.loginDeadline(),
        d.idleTimeout(),
        d.connections(),
        d.connectionsPerAddress(),
        d.handshakesPerAddress(),
        d.failedLoginDelay(),
        d.backendDeadline(),
        d.drainDeadline(),
        new SubmissionLimits(
            number(given, "recipients", s.recipients()),
            number(given, "messages", s.messages()),
            number(given, "message-size", (int) s.messageSize()),
            s.replyDeadline(),
            s.verdictDeadline()));
  }

  private static int number(Map<String, String> given, String key, int otherwise) {
    String value = given.get(key);
    return value == null ? otherwise : Integer.parseInt(value);
  }
}
