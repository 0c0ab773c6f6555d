package dev.postern.smtp;

import io.netty.buffer.ByteBuf;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A parameter of MAIL or RCPT that some extension on the list brings. */
enum Parameter {
  SIZE("SIZE", "SIZE", ParameterValue::isSize),
  BODY("BODY", "8BITMIME", ParameterValue::isBody),
  SMTPUTF8("SMTPUTF8", "SMTPUTF8", String::isEmpty),
  RET("RET", "DSN", ParameterValue::isRet),
  ENVID("ENVID", "DSN", ParameterValue::isEnvid),
  AUTH("AUTH", "AUTH", ParameterValue::isXtext),
  BY("BY", "DELIVERBY", ParameterValue::isBy),
  HOLDFOR("HOLDFOR", "FUTURERELEASE", ParameterValue::isHoldFor),
  HOLDUNTIL("HOLDUNTIL", "FUTURERELEASE", ParameterValue::isHoldUntil),
  MT_PRIORITY("MT-PRIORITY", "MT-PRIORITY", ParameterValue::isPriority),
  NOTIFY("NOTIFY", "DSN", ParameterValue::isNotify),
  ORCPT("ORCPT", "DSN", ParameterValue::isOrcpt);

  static final Parameter[] OF_MAIL = {
    SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH, BY, HOLDFOR, HOLDUNTIL, MT_PRIORITY
  };
  static final Parameter[] OF_RCPT = {NOTIFY, ORCPT};

  static final String FROM = "FROM:";
  static final String TO = "TO:";
  static final String LAST = "LAST";

  private final String keyword;
  private final String extension;

  @SuppressWarnings("ImmutableEnumChecker") // a method reference that holds nothing
  private final Predicate<String> syntax;

  Parameter(String keyword, String extension, Predicate<String> syntax) {
    this.keyword = keyword;
    this.extension = extension;
    this.syntax = syntax;
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
   * @param offered what the client was offered
   * @param value what stands behind the {@code =}
   */
  boolean isOffered(Extensions offered, String value) {
    return switch (this) {
      case AUTH -> offered.offers("AUTH");
      case BODY ->
          Capabilities.carries(offered, ParameterValue.isBinary(value) ? "BINARYMIME" : "8BITMIME");
      case ORCPT ->
          Capabilities.carries(offered, extension)
              && (Capabilities.carries(offered, "SMTPUTF8")
                  || value.chars().allMatch(c -> c < 0x80));
      default -> Capabilities.carries(offered, extension);
    };
  }

  /**
   * Says whether a value keeps to the bounds that were offered with its extension. The priorities
   * of MT-PRIORITY have none but their grammar (RFC 6710 §5), and a size is compared where it is
   * known what the trace field adds.
   *
   * @param offered what the client was offered
   * @param value one that is {@link #allows allowed}
   */
  boolean isWithin(Extensions offered, String value) {
    return switch (this) {
      case BY -> ParameterValue.leavesTime(value, offered.word("DELIVERBY", 0));
      case HOLDFOR -> ParameterValue.isAtMost(value, offered.word("FUTURERELEASE", 0));
      case HOLDUNTIL -> ParameterValue.isNotAfter(value, offered.word("FUTURERELEASE", 1));
      default -> true;
    };
  }

  /**
   * Says whether a value is written as the extension demands; the empty one means there is none.
   */
  boolean allows(String value) {
    return syntax.test(value);
  }
}
