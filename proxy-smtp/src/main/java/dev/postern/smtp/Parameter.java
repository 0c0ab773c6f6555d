package dev.postern.smtp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A parameter of MAIL or RCPT that some extension on the list brings. */
enum Parameter {
  SIZE("SIZE", "SIZE"),
  BODY("BODY", "8BITMIME"),
  SMTPUTF8("SMTPUTF8", "SMTPUTF8"),
  RET("RET", "DSN"),
  ENVID("ENVID", "DSN"),
  AUTH("AUTH", "AUTH"),
  BY("BY", "DELIVERBY"),
  HOLDFOR("HOLDFOR", "FUTURERELEASE"),
  HOLDUNTIL("HOLDUNTIL", "FUTURERELEASE"),
  MT_PRIORITY("MT-PRIORITY", "MT-PRIORITY"),
  NOTIFY("NOTIFY", "DSN"),
  ORCPT("ORCPT", "DSN");

  static final Parameter[] OF_MAIL = {
    SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH, BY, HOLDFOR, HOLDUNTIL, MT_PRIORITY
  };
  static final Parameter[] OF_RCPT = {NOTIFY, ORCPT};

  static final String FROM = "FROM:";
  static final String TO = "TO:";
  static final String LAST = "LAST";

  private static final String BINARYMIME = "=BINARYMIME";

  private final String keyword;
  private final String extension;

  Parameter(String keyword, String extension) {
    this.keyword = keyword;
    this.extension = extension;
  }

  /** Finds the parameter whose keyword stands between two indexes; null when none does. */
  static @Nullable Parameter find(Parameter[] among, ByteBuf line, int from, int to) {
    for (Parameter p : among) {
      if (to - from == p.keyword.length() && CommandLine.startsWith(line, from, to, p.keyword)) {
        return p;
      }
    }
    return null;
  }

  /**
   * Says whether the extension behind the parameter is offered.
   *
   * @param from index of the {@code =}
   * @param to index behind the value
   */
  boolean isOffered(Extensions backend, ByteBuf line, int from, int to) {
    return switch (this) {
      case AUTH -> backend.offers("AUTH");
      case BODY ->
          CommandLine.startsWith(line, from, to, BINARYMIME)
              ? Capabilities.carries(backend, "BINARYMIME")
              : Capabilities.carries(backend, "8BITMIME");
      default -> Capabilities.carries(backend, extension);
    };
  }
}
