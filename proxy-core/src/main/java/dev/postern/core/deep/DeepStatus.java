package dev.postern.core.deep;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a server commits itself to (DEEP-5.3): security tags that clients may latch, and a page for
 * users when a latch fails.
 *
 * @param tags security tags (DEEP-5.1), may be empty
 * @param support an https URL
 */
public record DeepStatus(List<String> tags, Optional<URI> support) {

  /** A status that commits to nothing. */
  public static final DeepStatus NONE = new DeepStatus(List.of(), Optional.empty());

  private static final Pattern TAG = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

  public DeepStatus {
    tags = List.copyOf(tags);
    tags.stream()
        .filter(t -> !isTag(t))
        .findFirst()
        .ifPresent(
            t -> {
              throw new IllegalArgumentException("not a security tag: " + t);
            });
  }

  /** Says whether a word has the syntax of a security tag (DEEP-5.1). */
  public static boolean isTag(String word) {
    return TAG.matcher(word).matches();
  }

  /**
   * Returns the status as it stands on the wire: {@code tls10 tls12 <https://…>}; empty when there
   * is nothing to say.
   */
  public String wire() {
    String words = String.join(" ", tags);
    return support.map(u -> words.isEmpty() ? "<" + u + ">" : words + " <" + u + ">").orElse(words);
  }
}
