package dev.postern.core.tls;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads a file of fingerprints: on each line that of a certificate (SHA-256, hexadecimal, with or
 * without colons), a blank, and the user. Empty lines, and what begins with {@code #}, are skipped.
 */
final class FingerprintFile {
  private static final Pattern SHA256 =
      Pattern.compile("[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31}");
  private static final Pattern BLANKS = Pattern.compile("[ \t]+");

  private FingerprintFile() {}

  /**
   * Reads a file.
   *
   * @param problems takes everything that is wrong, with its line and what to do
   * @return the user by the fingerprint in lower case without colons
   */
  static Map<String, String> read(Path file, List<String> problems) {
    try {
      return parse(file.toString(), Files.readAllLines(file), problems);
    } catch (MalformedInputException e) {
      problems.add(file + " is not UTF-8 text; save it as UTF-8");
    } catch (IOException e) {
      problems.add(
          file
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + "); check that it is there, and who may read it");
    }
    return Map.of();
  }

  static Map<String, String> parse(String file, List<String> lines, List<String> problems) {
    Map<String, Integer> firstLines = new HashMap<>();
    Map<String, String> users = new HashMap<>();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String at = file + " line " + number + ": ";
      String[] words = BLANKS.split(line);
      String fingerprint = words[0].toLowerCase(Locale.ROOT);
      if (!SHA256.matcher(fingerprint).matches()) {
        problems.add(
            at
                + "no SHA-256 fingerprint; `openssl x509 -in FILE -noout -fingerprint -sha256` shows it");
        continue;
      }
      if (words.length < 2 || (words.length > 2 && !words[2].startsWith("#"))) {
        problems.add(at + "a fingerprint, a blank and one user belong here");
        continue;
      }
      if (!Identity.isFit(words[1])) {
        problems.add(at + "this cannot be a user's name; write at most 255 visible characters");
        continue;
      }
      String digits = fingerprint.replace(":", "");
      Integer first = firstLines.putIfAbsent(digits, number);
      if (first != null) {
        problems.add(at + "this fingerprint is there twice; keep this line or line " + first);
      }
      users.put(digits, words[1]);
    }
    return users;
  }
}
