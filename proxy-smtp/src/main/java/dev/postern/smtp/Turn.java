package dev.postern.smtp;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.BareNewlines;
import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.protocol.Effect;
import dev.postern.core.sasl.Secret;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The work of one signal while relaying: from one {@link Relaying} to the next, with the effects on
 * the way. Lives no longer than that.
 */
final class Turn {
  private Login login;
  private final Session session;
  private final Replies replies;
  private final List<Effect> effects = new ArrayList<>(3);
  private Client client;
  private Transaction transaction;
  private Outstanding outstanding;
  private BackendReply partial;
  private boolean asked;
  private boolean closing;
  private final boolean waiting;
  private @Nullable State left;

  Turn(Relaying from) {
    login = from.login();
    session = login.session();
    replies = session.replies();
    client = from.client();
    transaction = from.transaction();
    outstanding = from.outstanding();
    partial = from.partial();
    asked = from.asked();
    closing = from.closing();
    waiting = !outstanding.isEmpty();
  }

  /** Takes a command of the client. */
  Next command(ByteBuf line) {
    asked = false;
    CommandLine command = CommandLine.parse(line);
    if (command.hidesChunk(line)) {
      end(Farewell.UNREADABLE_CHUNK);
      return next();
    }
    if (!command.printable()) {
      bad(Replies.BAD_OCTETS);
      return next();
    }
    switch (command.verb()) {
      case MAIL -> mail(command, line);
      case RCPT -> rcpt(command, line);
      case DATA -> data(line);
      case BDAT -> bdat(command, line);
      case RSET -> ask(new Outstanding.Entry.Reset(), Lines.forward(line));
      case NOOP -> ask(new Outstanding.Entry.Other(), Lines.forward(line));
      case EHLO, HELO -> introduction(command, line);
      case CLIENT -> report(command, line);
      case QUIT -> end(new Farewell(Replies.BYE, EndReason.LOGOUT));
      case HELP -> local(replies.help());
      case VRFY -> local(Replies.CANNOT_VERIFY);
      case AUTH -> bad(beyondLogin());
      case STARTTLS -> bad(client.tls().isPresent() ? Replies.ALREADY_SECURE : beyondLogin());
      case BURL -> burl(command, line);
      case EXPN, XCLIENT, XFORWARD, ETRN -> bad(Replies.NOT_IMPLEMENTED);
      case UNKNOWN -> bad(Replies.UNKNOWN_COMMAND);
    }
    return next();
  }

  /** Takes a line of the backend. */
  Next answer(ByteBuf line) {
    boolean expected =
        !outstanding.isEmpty() && outstanding.oldest() instanceof Outstanding.Entry.Asked;
    int code = BackendReply.code(line);
    if (expected
        && partial.lines().isEmpty()
        && code > 0
        && code != 421
        && BackendReply.isLast(line)) {
      answered((Outstanding.Entry.Asked) outstanding.oldest(), code, Lines.forward(line));
      return next();
    }
    Optional<BackendReply> come = partial.plus(line);
    if (come.isEmpty() || (!expected && code != 421)) {
      // An answer to nothing: the two sides no longer agree where commands and messages end.
      return Next.over(session, lost());
    }
    partial = come.get();
    if (partial.whole()) {
      if (code == 421) {
        return Next.over(session, new Farewell(partial.verbatim(), EndReason.BACKEND_CLOSED));
      }
      ByteBuf reply = Lines.octets(partial.verbatim());
      partial = BackendReply.NONE;
      answered((Outstanding.Entry.Asked) outstanding.oldest(), code, reply);
    }
    return next();
  }

  /** The backend says something that cannot be an answer. */
  private Farewell lost() {
    return new Farewell(
        replies.backendLost(),
        EndReason.BACKEND_FAILED,
        new SessionEvent.BackendFailed(BackendLoss.PROTOCOL));
  }

  /** Goes on after a message. */
  Next resume() {
    return next();
  }

  /**
   * Goes on after a message that the backend refused before its end, once both sides agree again
   * where they are: an answer to the end, should one come, would be taken for the next command's.
   */
  Next agree() {
    ask(new Outstanding.Entry.Agreement(), Lines.octets("RSET\r\n"));
    return next();
  }

  /** Goes on after a chunk that nobody takes. */
  Next heardOut() {
    asked = false;
    bad(Replies.NO_CHUNKS);
    return next();
  }

  /** Remembers that the proxy is shutting down. */
  Next shutdown() {
    closing = true;
    return next();
  }

  private String beyondLogin() {
    return client.withoutLogin() ? Replies.LOGIN_COMES_FIRST : Replies.ALREADY_AUTHENTICATED;
  }

  private void mail(CommandLine command, ByteBuf line) {
    if (client.sent().messages() >= session.limits().messages()) {
      end(
          new Farewell(
              replies.tooManyMessages(),
              EndReason.LIMIT,
              new SessionEvent.LimitReached(Limit.MESSAGES)));
      return;
    }
    switch (Envelope.ofMail(line, command, login.offered())) {
      case Envelope.Refused r -> bad(r.reply());
      case Envelope.Passed p
          when login.largestMessage() >= 0 && p.size() > login.largestMessage() ->
          local(Replies.MESSAGE_TOO_LARGE);
      case Envelope.Passed p -> {
        long size = p.size() < 0 ? -1 : p.size() + login.trace().maximumLength();
        ByteBuf passed =
            size < 0 ? Lines.forward(line) : Lines.replaced(line, p.sizeFrom(), p.sizeTo(), size);
        ask(new Outstanding.Entry.Mail(p.address(), p.utf8(), p.binary()), passed);
      }
    }
  }

  private void rcpt(CommandLine command, ByteBuf line) {
    switch (Envelope.ofRcpt(line, command, login.offered())) {
      case Envelope.Refused r -> bad(r.reply());
      // the trace field has gone, with what was the only recipient then
      case Envelope.Passed p when isMidChunks() -> bad(Replies.CHUNKS_NAMED);
      case Envelope.Passed p when isFull() -> {
        effects.add(new Effect.Emit(new SessionEvent.LimitReached(Limit.RECIPIENTS)));
        local(Replies.TOO_MANY_RECIPIENTS);
      }
      case Envelope.Passed p ->
          ask(new Outstanding.Entry.Rcpt(TraceField.fitting(p.path())), Lines.forward(line));
    }
  }

  /**
   * Says whether a message may have no more recipients. Those whose reply has not come are taken
   * for accepted: the client sends a refused one again, with the next message.
   */
  private boolean isFull() {
    int most = session.limits().recipients();
    return transaction.recipients() + outstanding.size() >= most
        && outstanding.recipients(transaction.recipients()) >= most;
  }

  /** Says whether chunks of a message are with the backend, whatever happens to what waits. */
  private boolean isMidChunks() {
    return transaction.chunked() && !outstanding.hasReset();
  }

  private void data(ByteBuf line) {
    if (isMidChunks()) {
      bad(Replies.CHUNKS_BEGUN);
    } else if (transaction.binary() || outstanding.hasBinary()) {
      outstanding = outstanding.plus(new Outstanding.Entry.DataInTurn());
    } else {
      ask(new Outstanding.Entry.Data(), Lines.forward(line));
    }
  }

  private void dataInTurn() {
    if (transaction.binary()) {
      bad(Replies.BINARY_NEEDS_CHUNKS);
    } else {
      ask(new Outstanding.Entry.Data(), Lines.octets("DATA\r\n"));
    }
  }

  /** The URL is left to the backend: only it knows which it can resolve. */
  private void burl(CommandLine command, ByteBuf line) {
    if (!login.takesUrls()) {
      bad(Replies.NOT_IMPLEMENTED);
      return;
    }
    int blank = line.indexOf(command.from(), command.to(), (byte) ' ');
    int urlEnd = blank < 0 ? command.to() : blank;
    boolean last = BdatArguments.isLast(line, urlEnd, command.to());
    if (line.indexOf(command.from(), urlEnd, (byte) ':') <= command.from()
        || (blank >= 0 && !last)) {
      bad(Replies.BAD_ARGUMENTS);
      return;
    }
    Secret arguments = Secret.copyOf(line.slice(command.from(), command.to() - command.from()));
    outstanding = outstanding.plus(new Outstanding.Entry.Burl(arguments, last));
  }

  /**
   * A chunk follows whatever the answer is (RFC 3030 §2): when its size is not known, there is no
   * way to go on.
   */
  private void bdat(CommandLine command, ByteBuf line) {
    Optional<BdatArguments> arguments = BdatArguments.parse(line, command);
    if (arguments.isEmpty()) {
      end(
          new Farewell(
              login.takesChunks() ? Replies.BAD_CHUNK : Replies.NO_CHUNKS,
              EndReason.VIOLATION,
              new SessionEvent.Violated(WireViolation.MALFORMED)));
    } else {
      BdatArguments chunk = arguments.get();
      outstanding =
          outstanding.plus(
              login.takesChunks()
                  ? new Outstanding.Entry.Chunk(chunk.octets(), chunk.last())
                  : new Outstanding.Entry.UnwantedChunk(chunk.octets()));
    }
  }

  private void introduction(CommandLine command, ByteBuf line) {
    Introductions.name(command, line)
        .ifPresentOrElse(
            name ->
                ask(
                    new Outstanding.Entry.Introduction(name, command.verb() == Verb.EHLO),
                    Lines.octets("RSET\r\n")),
            () -> bad(Replies.BAD_NAME));
  }

  private void report(CommandLine command, ByteBuf line) {
    Optional<ClientReport> report = ClientReport.parse(line, command);
    if (report.isEmpty()) {
      bad(Replies.BAD_ARGUMENTS);
      return;
    }
    client = client.reported(report.get());
    effects.add(new Effect.Emit(new SessionEvent.ClientIdentified(report.get().fields())));
    if (login.backend().offers("DEEP")) {
      ask(new Outstanding.Entry.Other(), Lines.octets(report.get().command(client.tls())));
    } else {
      local(Replies.OK);
    }
  }

  private void answered(Outstanding.Entry.Asked to, int code, ByteBuf reply) {
    outstanding = outstanding.rest();
    boolean done = code < 300;
    if (to instanceof Outstanding.Entry.Agreement) {
      reply.release();
      if (!done) {
        leave(lost());
      }
      return;
    }
    if (done && to instanceof Outstanding.Entry.Introduction i) {
      reply.release();
      client = client.introduced(i.name(), i.extended());
      login = login.introduced(client);
      effects.add(Effect.reply(Introductions.answer(session, client, login.backend(), true)));
    } else {
      effects.add(new Effect.Reply(reply));
    }
    switch (to) {
      case Outstanding.Entry.Mail m -> {
        if (done) {
          transaction = Transaction.from(m.sender(), m.utf8(), m.binary());
        }
      }
      case Outstanding.Entry.Rcpt r -> {
        if (done) {
          transaction = transaction.to(r.path());
        }
      }
      case Outstanding.Entry.Reset r -> reset(done);
      case Outstanding.Entry.Introduction i -> reset(done);
      case Outstanding.Entry.Data d -> {
        if (code == 354) {
          String field = field();
          stream(
              first -> Lines.octets(TraceField.before(first, field)),
              dotTerminated(),
              new Piece.Body());
        }
      }
      case Outstanding.Entry.Other o -> {}
      case Outstanding.Entry.Agreement a -> throw new AssertionError(a);
    }
  }

  private void reset(boolean done) {
    if (done) {
      transaction = Transaction.NONE;
    }
  }

  /** Does what could wait for its turn, now that it has come; then asks for more. */
  private Next next() {
    while (left == null
        && !outstanding.isEmpty()
        && !(outstanding.oldest() instanceof Outstanding.Entry.Asked)) {
      Outstanding.Entry due = outstanding.oldest();
      outstanding = outstanding.rest();
      switch (due) {
        case Outstanding.Entry.Local l -> effects.add(Effect.reply(l.reply()));
        case Outstanding.Entry.Chunk c -> chunk(c);
        case Outstanding.Entry.UnwantedChunk c -> hearOut(c);
        case Outstanding.Entry.Burl b -> burl(b);
        case Outstanding.Entry.DataInTurn d -> dataInTurn();
        case Outstanding.Entry.End e -> leave(e.farewell());
        case Outstanding.Entry.Asked a -> throw new AssertionError(a);
      }
    }
    if (left == null && closing && outstanding.isEmpty()) {
      leave(new Farewell(replies.shutdown(), EndReason.SHUTDOWN));
    }
    if (left != null) {
      return new Next(left, effects);
    }
    if (waiting == outstanding.isEmpty()) {
      effects.add(waiting ? session.waitingForClient() : session.waitingForReply());
    }
    if (!asked
        && !closing
        && !outstanding.isBarred()
        && outstanding.size() < login.commandsInFlight()) {
      effects.add(Effect.READ_LINE);
      asked = true;
    }
    return new Next(relaying(), effects);
  }

  private Relaying relaying() {
    return new Relaying(login, client, transaction, outstanding, partial, asked, closing);
  }

  private BodyFraming dotTerminated() {
    long most = session.limits().messageSize();
    return new BodyFraming.DotTerminated(
        most > 0 ? most : Long.MAX_VALUE,
        client.admission().bareNewlines() == BareNewlines.NORMALIZE);
  }

  private void chunk(Outstanding.Entry.Chunk c) {
    long most = session.limits().messageSize();
    if (most > 0 && c.octets() > most - transaction.octets()) {
      refuse(c, most);
      return;
    }
    // an empty chunk does not show what the message begins with
    boolean begins = !transaction.traced() && (c.octets() > 0 || c.last());
    String field = begins ? field() : "";
    transaction = begins ? transaction.withField() : transaction;
    stream(
        first -> {
          String before = begins ? TraceField.before(first, field) : "";
          long octets = c.octets() + before.length();
          return Lines.octets("BDAT " + octets + (c.last() ? " LAST\r\n" : "\r\n") + before);
        },
        new BodyFraming.Counted(c.octets()),
        new Piece.Chunk(c.last()));
  }

  /**
   * A chunk that is beyond all measure is not even heard out. Sinks are told at once, for the
   * client may go before it has said all.
   */
  private void refuse(Outstanding.Entry.Chunk c, long most) {
    Farewell farewell = Farewell.tooLarge(transaction.grown(c.octets()));
    effects.add(Effect.LEAVE_BACKEND);
    if (c.octets() / 2 > most) {
      leave(farewell);
    } else {
      farewell.events().forEach(e -> effects.add(new Effect.Emit(e)));
      discard(c.octets());
      left = new Discarding(session, new Farewell(farewell.reply(), farewell.reason()));
    }
  }

  private void hearOut(Outstanding.Entry.UnwantedChunk c) {
    discard(c.octets());
    asked = true;
    left = new HearingOut(relaying());
  }

  private void discard(long octets) {
    effects.add(session.waitingForClient());
    effects.add(new Effect.StreamBody(BodyPrefix.NONE, new BodyFraming.Discarded(octets)));
  }

  /** Before the first BURL the trace field goes ahead, in a chunk whose reply nobody hears. */
  private void burl(Outstanding.Entry.Burl b) {
    if (transaction.traced()) {
      Next next =
          new AwaitingVerdict(
                  login, client, transaction, new Piece.Chunk(b.last()), BackendReply.NONE, closing)
              .asking(b);
      left = next.state();
      effects.addAll(next.effects());
      return;
    }
    String field = field();
    effects.add(session.waitingForReply());
    effects.add(Effect.toBackend("BDAT " + field.length() + "\r\n" + field));
    left =
        new AwaitingVerdict(
            login, client, transaction.withField(), new Piece.Field(b), BackendReply.NONE, closing);
  }

  private void stream(BodyPrefix prefix, BodyFraming framing, Piece piece) {
    effects.add(session.waitingForClient());
    effects.add(new Effect.StreamBody(prefix, framing));
    left = new StreamingBody(login, client, transaction, piece, BackendReply.NONE, closing);
  }

  private String field() {
    return login
        .trace()
        .write(session.clock().instant(), transaction.utf8(), transaction.forClause());
  }

  private void leave(Farewell farewell) {
    if (farewell.reason() == EndReason.LOGOUT) {
      effects.add(Effect.toBackend("QUIT\r\n"));
    }
    Next.say(farewell, effects);
    left = new Over(session);
  }

  private void ask(Outstanding.Entry.Asked entry, ByteBuf command) {
    effects.add(new Effect.ToBackend(command));
    outstanding = outstanding.plus(entry);
  }

  private void local(String reply) {
    outstanding = outstanding.plus(new Outstanding.Entry.Local(reply));
  }

  private void bad(String reply) {
    client = client.oneMoreBadCommand();
    if (session.tooMany(client)) {
      end(session.tooManyBadCommands());
    } else {
      local(reply);
    }
  }

  private void end(Farewell farewell) {
    outstanding = outstanding.plus(new Outstanding.Entry.End(farewell));
  }
}
