package dev.postern.deploy.backend;

import java.util.function.UnaryOperator;

/**
 * How the servers' configuration differs from the tests' own: what becomes of each template before
 * its names are filled in.
 */
record Settings(
    UnaryOperator<String> dovecot, UnaryOperator<String> mainCf, UnaryOperator<String> masterCf) {

  static final Settings OF_THE_TESTS =
      new Settings(UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());
}
