package dev.postern.core.tls;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys of TLS session tickets (RFC 5077 §4): the first encrypts, all decrypt. Immutable; rotating
 * gives a new value.
 *
 * @param newestFirst the keys
 */
public record TicketKeys(List<Ticket> newestFirst) {
  /** No keys: sessions cannot be resumed. */
  public static final TicketKeys NONE = new TicketKeys(List.of());

  private static final int KEPT = 2;

  public TicketKeys {
    newestFirst = List.copyOf(newestFirst);
  }

  /** Makes one random key. */
  public static TicketKeys random(SecureRandom random) {
    return new TicketKeys(List.of(Ticket.random(random)));
  }

  /**
   * Puts a new random key in front and keeps the one before it, so that fresh tickets survive the
   * change.
   */
  public TicketKeys rotated(SecureRandom random) {
    List<Ticket> keys = new ArrayList<>();
    keys.add(Ticket.random(random));
    keys.addAll(newestFirst.subList(0, Math.min(KEPT - 1, newestFirst.size())));
    return new TicketKeys(keys);
  }

  /** Never shows the keys. */
  @Override
  public String toString() {
    return "TicketKeys[" + newestFirst.size() + "]";
  }

  /** One key of 48 octets, in its three parts of 16. */
  static final class Ticket {
    static final int SIZE = 48;
    private static final int PART = SIZE / 3;
    private final byte[] octets;

    private Ticket(byte[] octets) {
      this.octets = octets;
    }

    static Ticket random(SecureRandom random) {
      byte[] octets = new byte[SIZE];
      random.nextBytes(octets);
      return new Ticket(octets);
    }

    static Ticket of(byte[] octets) {
      if (octets.length != SIZE) {
        throw new IllegalArgumentException("a ticket key has 48 octets, not " + octets.length);
      }
      return new Ticket(octets.clone());
    }

    byte[] name() {
      return part(0);
    }

    byte[] hmac() {
      return part(1);
    }

    byte[] aes() {
      return part(2);
    }

    private byte[] part(int index) {
      return Arrays.copyOfRange(octets, index * PART, (index + 1) * PART);
    }
  }
}
