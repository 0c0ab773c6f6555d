package dev.postern.deploy.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command said, and how it ended. */
record Said(int exit, String out, String err) {

  /** Runs a command in this JVM. */
  static Said by(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int exit = PosternCommand.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    return new Said(exit, out.toString(), err.toString());
  }
}
