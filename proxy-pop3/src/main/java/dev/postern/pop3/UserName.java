package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/** The argument of USER. */
final class UserName {
  /** An address of 64 octets, an at sign, and a domain of 255 (RFC 5321 §4.5.3.1). */
  static final int LIMIT = 320;

  private UserName() {}

  /** Reads a name: UTF-8, not empty, no control characters; empty when it is not one. */
  static Optional<String> of(ByteBuf argument) {
    if (argument.readableBytes() > LIMIT) {
      return Optional.empty();
    }
    try {
      String name = UTF_8.newDecoder().decode(argument.nioBuffer()).toString();
      return isName(name) ? Optional.of(name) : Optional.empty();
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  /** Says the same of a name that came another way. */
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= LIMIT
        && name.chars().noneMatch(Character::isISOControl);
  }
}
