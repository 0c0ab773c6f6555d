package dev.postern.deploy.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML as maps, lists and scalars; a key that stands twice is refused. */
final class Yaml {
  private Yaml() {}

  @SuppressWarnings("unchecked")
  static Map<Object, Object> map(String text) {
    return (Map<Object, Object>) load().loadFromString(text);
  }

  /** Returns the documents of a stream but for empty ones. */
  static List<Object> all(String text) {
    List<Object> documents = new ArrayList<>();
    for (Object document : load().loadAllFromString(text)) {
      if (document != null) {
        documents.add(document);
      }
    }
    return documents;
  }

  private static Load load() {
    return new Load(LoadSettings.builder().build());
  }
}
