package dev.postern.deploy.demo;

/**
 * Which ports a demo listens on.
 *
 * @param base what is added to the ports that the services are registered with; 0: any that are
 *     free
 */
public record Ports(int base) {
  /** The highest base at which all ports exist. */
  public static final int HIGHEST_BASE = 65_535 - 995;

  public Ports {
    if (!isBase(base)) {
      throw new IllegalArgumentException("no port base: " + base);
    }
  }

  /** Says whether all ports exist at a base. */
  public static boolean isBase(int base) {
    return base >= 0 && base <= HIGHEST_BASE;
  }

  int of(int service) {
    return base == 0 ? 0 : base + service;
  }
}
