package dev.postern.imap;

import static dev.postern.core.protocol.Effect.reply;
import static dev.postern.core.protocol.Effect.toBackend;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The client has given credentials and waits. Policy is asked; then the backend is told who the
 * client is, by one ID, and logged in to.
 */
sealed interface BackendLogin extends State {

  /** Tag of the proxy's ID command. */
  String ID_TAG = "I";

  /** Tag of the proxy's LOGIN or AUTHENTICATE command. */
  String LOGIN_TAG = "L";

  /**
   * Untagged responses kept for the client until the login is over; what comes beyond is dropped.
   */
  int MOST_KEPT = 16;

  Attempt attempt();

  /** Tells how the attempt ended when the session ends now; empty where that has been told. */
  default Optional<Effect> cutShort(LoginOutcome outcome) {
    return Optional.of(attempt().ended(outcome));
  }

  /** Takes a line of the backend. */
  default Turn said(String line, Session session) {
    return Turn.to(this);
  }

  @Override
  default Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.BackendLine line -> {
        String text = line.line().toString(UTF_8);
        Response response = Response.parse(text);
        yield response != null && response.answers("*") && response.condition().equals("BYE")
            ? attempt().unavailable(Session.UNAVAILABLE, session)
            : said(text, session);
      }
      case Signal.BackendLost lost -> attempt().unavailable(Session.UNAVAILABLE, session);
      default -> Turn.to(this);
    };
  }

  /** Policy has been asked. */
  record Deciding(Attempt attempt) implements BackendLogin {
    @Override
    public Turn on(Signal signal, Session session) {
      if (!(signal instanceof Signal.Decided(Decision decision))) {
        return Turn.to(this);
      }
      String user = attempt.credentials().user();
      Effect event =
          new Effect.Emit(
              new SessionEvent.LoginDecided(user, attempt.credentials().mechanism(), decision));
      Effect connect = new Effect.Connect(attempt.credentials().actsAs());
      return switch (decision) {
        case Decision.Deny deny when deny.reason().isConcealed() ->
            attempt.delayed(Session.REFUSED, LoginOutcome.DENIED).after(event);
        case Decision.Deny deny ->
            attempt
                .failed(session.denial(attempt.client(), deny.reason()), session)
                .after(attempt.ended(LoginOutcome.DENIED))
                .after(event);
        case Decision.Allow allow -> Turn.to(new Greeting(attempt), event, connect);
        case Decision.Warn warn -> Turn.to(new Greeting(attempt), event, connect);
      };
    }
  }

  /** The backend is being connected, or has not greeted yet. */
  record Greeting(Attempt attempt) implements BackendLogin {
    @Override
    public Turn said(String line, Session session) {
      Response greeting = Response.parse(line);
      if (greeting == null || !greeting.answers("*") || !greeting.isOk()) {
        return attempt.unavailable(Session.UNAVAILABLE, session);
      }
      List<String> offered = greeting.capabilities();
      List<String> offer = offered == null ? session.offer() : offered;
      return new LoggingIn(attempt, List.of(), List.of())
          .begin(
              offer,
              Capabilities.offers(offer, "ID")
                  ? BackendId.command(ID_TAG, session.facts(), attempt.client())
                  : null,
              session);
    }
  }

  /**
   * The backend has been given the credentials, or a part.
   *
   * @param rest what it has still to ask for
   * @param untagged what it said besides, for the client to hear once it is logged in
   */
  record LoggingIn(Attempt attempt, List<LoginOctets> rest, List<String> untagged)
      implements BackendLogin {

    /**
     * Begins. A backend takes the ID and the login in order whether they come together or not, and
     * together they cost one turn less.
     *
     * @param offer what the backend offers
     * @param id the command that tells it who the client is; null where it takes none
     */
    Turn begin(List<String> offer, @Nullable String id, Session session) {
      Credentials credentials = attempt.credentials();
      List<LoginOctets> parts =
          credentials
              .forBackend(session.facts().master())
              .map(c -> LoginOctets.parts(LOGIN_TAG, c, offer))
              .orElse(List.of());
      if (parts.isEmpty()) {
        // who comes with a certificate was promised that it can be carried
        return credentials.isExternal()
            ? attempt.unavailable(Session.UNAVAILABLE, session)
            : attempt.refused(Session.REFUSED);
      }
      Turn login = new LoggingIn(attempt, parts, untagged).sendNext();
      return id == null ? login : login.after(toBackend(id));
    }

    private Turn sendNext() {
      return Turn.to(
          new LoggingIn(attempt, rest.subList(1, rest.size()), untagged),
          new Effect.ToBackend(rest.getFirst().buffer()));
    }

    @Override
    public Turn said(String line, Session session) {
      if (line.startsWith("+")) {
        return rest.isEmpty() ? attempt.unavailable(Session.UNAVAILABLE, session) : sendNext();
      }
      if (line.startsWith("* ")) {
        return keep(line);
      }
      Response response = Response.parse(line);
      if (response != null && response.answers(ID_TAG)) {
        // whether the backend takes the fields or not, the login goes on
        return Turn.to(this);
      }
      return response == null || !response.answers(LOGIN_TAG)
          ? attempt.unavailable(Session.UNAVAILABLE, session)
          : answered(response, session);
    }

    private Turn keep(String line) {
      if (untagged.size() == MOST_KEPT) {
        return Turn.to(this);
      }
      String kept = forClient(line);
      if (kept == null) {
        return Turn.to(this);
      }
      List<String> more = new ArrayList<>(untagged);
      more.add(kept);
      return Turn.to(new LoggingIn(attempt, rest, List.copyOf(more)));
    }

    private static @Nullable String forClient(String line) {
      Response response = Response.parse(line);
      if (response != null) {
        return response.forClient("*");
      }
      if (line.regionMatches(true, 0, "* CAPABILITY ", 0, 13)) {
        List<String> offered = Capabilities.words(line.substring(13));
        return "* CAPABILITY " + String.join(" ", Capabilities.afterLogin(offered)) + "\r\n";
      }
      return line.toUpperCase(Locale.ROOT).startsWith("* ID ") ? null : line + "\r\n";
    }

    private Turn answered(Response response, Session session) {
      if (!response.isOk()) {
        return refusal(response, session);
      }
      ImapRelay relay = new ImapRelay(session.terms().limits().pipelinedCommands());
      String kept = String.join("", untagged);
      return Turn.to(
          new Relaying(relay),
          attempt.ended(LoginOutcome.SUCCESS),
          reply(
              attempt.greets()
                  ? response.as("PREAUTH").forClient(attempt.tag()) + kept
                  : kept + response.forClient(attempt.tag())),
          new Effect.PassThrough(relay));
    }

    /**
     * Passes on what tells the user what to do; all else becomes one answer, lest a backend's words
     * tell more than whether the credentials were right. A backend that wants TLS of the proxy, or
     * cannot read it, is a matter for operators.
     */
    private Turn refusal(Response response, Session session) {
      if (response.condition().equals("BAD")) {
        return attempt.unavailable(Session.UNAVAILABLE, session);
      }
      return switch (response.code()) {
        case "UNAVAILABLE" -> attempt.unavailable("NO [UNAVAILABLE] " + response.text(), session);
        case "PRIVACYREQUIRED", "SERVERBUG" -> attempt.unavailable(Session.UNAVAILABLE, session);
        case "LIMIT", "EXPIRED", "CONTACTADMIN" ->
            attempt.refused("NO [" + response.code() + "] " + response.text());
        default ->
            attempt.refused(
                attempt.credentials().isExternal() ? Session.NOT_THERE : Session.REFUSED);
      };
    }
  }

  /**
   * The backend has refused; the client hears of it later.
   *
   * @param answer what follows the tag
   */
  record Delayed(Attempt attempt, String answer) implements BackendLogin {
    @Override
    public Optional<Effect> cutShort(LoginOutcome outcome) {
      return Optional.empty();
    }

    @Override
    public Turn on(Signal signal, Session session) {
      return signal instanceof Signal.Resumed ? attempt.failed(answer, session) : Turn.to(this);
    }
  }
}
