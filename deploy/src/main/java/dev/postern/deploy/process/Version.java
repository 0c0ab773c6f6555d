package dev.postern.deploy.process;

import org.jspecify.annotations.Nullable;

/** The version of Postern that runs. */
public final class Version {
  private Version() {}

  /** Returns the number, {@code development} where the classes do not come from a release. */
  public static String number() {
    @Nullable String stated = Version.class.getPackage().getImplementationVersion();
    return stated == null ? "development" : stated;
  }
}
