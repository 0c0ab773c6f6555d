package dev.postern.pop3;

/**
 * The commands that the backend has not answered yet, oldest first, by the kind of answer they call
 * for.
 */
final class Outstanding {

  /** What answer a command calls for. */
  enum Kind {
    /** One line. */
    SINGLE,
    /** One line, and after {@code +OK} more lines up to the dot. */
    MULTI,
    /** As {@link #MULTI}; the answer is the proxy's to rewrite. */
    CAPA,
    /**
     * One line to a command that stands in for one the client may not send; the proxy puts its
     * refusal there.
     */
    REFUSED;

    private static final Kind[] BY_ORDINAL = values();
  }

  /**
   * More than any client that reads its answers leaves open; a bound on memory, not on behaviour.
   */
  static final int LIMIT = 65_536;

  private byte[] ring = new byte[16];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == LIMIT;
  }

  void add(Kind kind) {
    if (size == ring.length) {
      byte[] wider = new byte[size * 2];
      for (int i = 0; i < size; i++) {
        wider[i] = ring[(head + i) % size];
      }
      ring = wider;
      head = 0;
    }
    ring[(head + size++) % ring.length] = (byte) kind.ordinal();
  }

  Kind oldest() {
    return Kind.BY_ORDINAL[ring[head]];
  }

  Kind remove() {
    Kind kind = oldest();
    head = (head + 1) % ring.length;
    size--;
    return kind;
  }
}
