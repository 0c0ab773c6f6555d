package dev.postern.deploy.management;

import java.util.List;

/** Says whether the proxy can serve clients. */
@FunctionalInterface
public interface Readiness {

  /**
   * Reports what must be true. Called on the management thread: answers from what is already known,
   * without waiting.
   *
   * @return the checks, each name once; the proxy is ready when all of them are
   */
  List<Check> checks();

  /**
   * One thing that must be true.
   *
   * @param name short and constant: {@code listeners}, {@code certificates}
   * @param ready whether it is true
   * @param detail for people: what was found
   */
  record Check(String name, boolean ready, String detail) {}
}
