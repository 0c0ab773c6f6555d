package dev.postern.core.config;

import java.util.Optional;

/**
 * One thing that is wrong, or doubtful, in a configuration.
 *
 * @param path the key, {@code listeners[2].address} for instance, counted from 0; empty for the
 *     file as a whole
 * @param line line in the file, counted from 1; 0 when there is none
 * @param message what is wrong, in a sentence without a full stop
 * @param suggestion what to write instead, or what to do
 */
public record Problem(String path, int line, String message, Optional<String> suggestion) {

  /**
   * Returns the problem as one line of text in the form that editors and terminals link to: {@code
   * postern.yaml:12: listeners[2].address: … (…)}.
   *
   * @param file what to call the file
   */
  public String text(String file) {
    StringBuilder text = new StringBuilder(file).append(':');
    if (line > 0) {
      text.append(line).append(':');
    }
    if (!path.isEmpty()) {
      text.append(' ').append(path).append(':');
    }
    text.append(' ').append(message);
    suggestion.ifPresent(s -> text.append(" (").append(s).append(')'));
    return text.toString();
  }
}
