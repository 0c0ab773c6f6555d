package dev.postern.deploy.chart;

import java.util.List;
import java.util.Map;

/**
 * What Helm made of all the files of values that the tests have.
 *
 * @param byName by the name of the file, without its ending
 */
record Renderings(Map<String, Rendering> byName) {
  Renderings {
    byName = Map.copyOf(byName);
  }

  Rendering of(String name) {
    Rendering rendering = byName.get(name);
    if (rendering == null) {
      throw new AssertionError("no values " + name);
    }
    return rendering;
  }

  /** Returns those that shall be installable: all but the ones in the folder of refused values. */
  List<Rendering> good() {
    return byName.values().stream()
        .filter(rendering -> !rendering.name().startsWith("refuses-"))
        .toList();
  }
}
