package dev.postern.smtp;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * The arguments of BDAT (RFC 3030 §2).
 *
 * @param octets the chunk's, 0 or more
 * @param last whether it ends the message
 */
record BdatArguments(long octets, boolean last) {

  /** Reads them; empty when nobody can say where the chunk ends. */
  static Optional<BdatArguments> parse(ByteBuf line, CommandLine command) {
    int blank = line.indexOf(command.from(), command.to(), (byte) ' ');
    int sizeEnd = blank < 0 ? command.to() : blank;
    long size = Envelope.number(line, command.from(), sizeEnd);
    boolean last = isLast(line, sizeEnd, command.to());
    return size < 0 || (!last && sizeEnd < command.to())
        ? Optional.empty()
        : Optional.of(new BdatArguments(size, last));
  }

  /** Says whether LAST is all that stands between two indexes, blanks aside. */
  static boolean isLast(ByteBuf line, int from, int to) {
    int word = from;
    while (word < to && line.getByte(word) == ' ') {
      word++;
    }
    return to - word == Parameter.LAST.length()
        && CommandLine.startsWith(line, word, to, Parameter.LAST);
  }
}
