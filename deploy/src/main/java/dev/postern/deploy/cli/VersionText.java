package dev.postern.deploy.cli;

import dev.postern.core.tls.ServerTls;
import dev.postern.deploy.process.Version;
import io.netty.handler.ssl.OpenSsl;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says: the version, and those of what most of the work is done by. */
final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    io.netty.util.Version netty = io.netty.util.Version.identify().get("netty-handler");
    return new String[] {
      "postern " + Version.number(),
      "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
      "Netty " + (netty == null ? "unknown" : netty.artifactVersion()),
      "TLS " + (ServerTls.isNative() ? OpenSsl.versionString() : "of the Java runtime")
    };
  }
}
