package dev.postern.deploy.process;

/**
 * Says when files have changed and the change is complete: a certificate and its key are written
 * one after the other, and a large file in pieces, so a change counts once two looks in a row have
 * seen the same. Not thread-safe.
 */
final class Changes {
  private Stamps known;
  private Stamps last;

  Changes(Stamps known) {
    this.known = known;
    this.last = known;
  }

  /** Takes what was in force when the files were read. */
  void read(Stamps now) {
    known = now;
    last = now;
  }

  /** Returns what the files looked like when they were read. */
  Stamps known() {
    return known;
  }

  /** Looks again; says whether to read the files anew. */
  boolean settled() {
    Stamps now = known.again();
    boolean settled = !now.equals(known) && now.equals(last);
    last = now;
    return settled;
  }
}
