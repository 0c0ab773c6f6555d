package dev.postern.core.event;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Map;
import java.util.TreeMap;

/** One line of the audit log: a JSON object and a line feed. */
final class AuditLine implements Fields {
  // Instant.toString drops trailing zeros; a fixed width sorts as text.
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private final JsonLine json;

  private AuditLine(Instant time, StringBuilder out) {
    json = new JsonLine(out);
    text(Key.TIME, TIME.format(time));
  }

  static void append(Instant time, SessionContext context, SessionEvent event, StringBuilder out) {
    AuditLine line = new AuditLine(time, out);
    EventFields.write(context, event, line);
    line.json.end();
    out.append('\n');
  }

  /** Says that events are missing from the log. */
  static void appendGap(Instant time, long lost, StringBuilder out) {
    AuditLine line = new AuditLine(time, out);
    line.text(Key.EVENT, "audit-gap");
    line.number(Key.LOST, lost);
    line.json.end();
    out.append('\n');
  }

  @Override
  public void text(Key key, String value) {
    json.text(key.label(), value);
  }

  @Override
  public void number(Key key, long value) {
    json.number(key.label(), value);
  }

  @Override
  public void flag(Key key, boolean value) {
    json.flag(key.label(), value);
  }

  @Override
  public void pairs(Key key, Map<String, String> values) {
    JsonLine object = json.object(key.label());
    new TreeMap<>(values).forEach(object::text);
    object.end();
  }
}
