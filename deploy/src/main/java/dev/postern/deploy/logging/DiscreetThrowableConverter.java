package dev.postern.deploy.logging;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import org.jspecify.annotations.Nullable;

/**
 * Writes stack traces, without messages when a codec or TLS engine is involved: their messages
 * quote what a peer sent, and that may be a password.
 */
public final class DiscreetThrowableConverter extends ThrowableHandlingConverter {

  @Override
  public String convert(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown == null) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    boolean quotes = quotesPeers(thrown);
    String lead = "";
    for (IThrowableProxy t = thrown; t != null; t = cause(t)) {
      write(lead, t, quotes, out);
      lead = "Caused by: ";
    }
    return out.toString();
  }

  private static void write(
      String lead, IThrowableProxy thrown, boolean quotes, StringBuilder out) {
    out.append(lead).append(thrown.getClassName());
    if (thrown.getMessage() != null) {
      out.append(": ").append(quotes ? "(message withheld)" : thrown.getMessage());
    }
    out.append('\n');
    StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
    int own = frames.length - thrown.getCommonFrames();
    for (int i = 0; i < own; i++) {
      out.append('\t').append(frames[i].getSTEAsString()).append('\n');
    }
  }

  private static boolean quotesPeers(IThrowableProxy thrown) {
    for (IThrowableProxy t = thrown; t != null; t = cause(t)) {
      String name = t.getClassName();
      if (name.startsWith("io.netty.handler.") || name.startsWith("javax.net.ssl.")) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable IThrowableProxy cause(IThrowableProxy thrown) {
    return thrown.isCyclic() ? null : thrown.getCause();
  }
}
