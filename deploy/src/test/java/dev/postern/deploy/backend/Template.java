package dev.postern.deploy.backend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server's configuration file, kept as a resource beside this class, with names to fill in. */
final class Template {

  private static final Pattern NAME = Pattern.compile("\\$\\{(\\w+)}");

  private Template() {}

  /**
   * Writes a resource into a folder under its own name.
   *
   * @throws IllegalArgumentException if a name in it has no value, or a value no name
   */
  static Path render(String resource, Path folder, Map<String, ?> values) throws IOException {
    return render(resource, UnaryOperator.identity(), folder, values);
  }

  /**
   * Writes a resource into a folder under its own name, changed before its names are filled in.
   *
   * @throws IllegalArgumentException if a name in it has no value, or a value no name
   */
  static Path render(
      String resource, UnaryOperator<String> change, Path folder, Map<String, ?> values)
      throws IOException {
    try (InputStream in = Template.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no resource " + resource);
      }
      String template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Files.writeString(
          folder.resolve(resource), fill(resource, change.apply(template), values));
    }
  }

  private static String fill(String resource, String template, Map<String, ?> values) {
    Set<String> unused = new HashSet<>(values.keySet());
    String filled =
        NAME.matcher(template)
            .replaceAll(
                match -> {
                  Object value = values.get(match.group(1));
                  if (value == null) {
                    throw new IllegalArgumentException(resource + " needs " + match.group(1));
                  }
                  unused.remove(match.group(1));
                  return Matcher.quoteReplacement(value.toString());
                });
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException(resource + " does not use " + unused);
    }
    return filled;
  }
}
