package dev.postern.core.event;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The values of one metric tag that are not an enum of ours. Bounded: whatever comes when there are
 * enough of them is {@code other}, so that no peer and no engine can make the number of time series
 * grow.
 */
final class TagValues {
  static final String OTHER = "other";

  private final int most;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  TagValues(int most) {
    this.most = most;
  }

  String of(String value) {
    if (seen.contains(value)) {
      return value;
    }
    // Two threads may both add the last one: a bound that is two or three too wide is still a
    // bound.
    return seen.size() < most && (seen.add(value) || seen.contains(value)) ? value : OTHER;
  }
}
