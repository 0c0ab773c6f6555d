package dev.postern.core.tls;

/** Tells tests of other packages what becomes of native contexts. */
public final class NativeMemory {
  private NativeMemory() {}

  /** Says whether any native context is still there, by Netty's own count of references. */
  public static boolean isHeld(ServerTls tls) {
    return tls.isHeld();
  }
}
