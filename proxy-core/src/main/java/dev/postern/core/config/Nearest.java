package dev.postern.core.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what was probably meant. */
final class Nearest {
  private Nearest() {}

  /** Returns the name that is the fewest typing mistakes away, empty when all are too far. */
  static Optional<String> to(String word, Collection<String> names) {
    return names.stream()
        .filter(
            name -> distance(word, name) <= Math.max(1, Math.min(word.length(), name.length()) / 3))
        .min(
            Comparator.comparingInt((String name) -> distance(word, name))
                .thenComparing(name -> name));
  }

  /** Returns "did you mean …?", or the list of what is possible. */
  static Optional<String> suggestion(String word, Collection<String> names) {
    return to(word, names)
        .map(name -> "did you mean " + name + "?")
        .or(
            () ->
                names.isEmpty()
                    ? Optional.empty()
                    : Optional.of("one of: " + String.join(", ", names)));
  }

  // Optimal string alignment: insertions, deletions, substitutions, and neighbours that were
  // swapped. Capitals and
  // underscores are no mistakes, since every other program spells its keys otherwise.
  private static int distance(String word, String name) {
    String a = word.toLowerCase(Locale.ROOT).replace('_', '-');
    String b = name.toLowerCase(Locale.ROOT);
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + substitution);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
