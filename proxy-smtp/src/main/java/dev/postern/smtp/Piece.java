package dev.postern.smtp;

/** What of a message is on its way to the backend. */
sealed interface Piece {

  /** All of it, after DATA. */
  record Body() implements Piece {}

  /**
   * What BDAT or BURL carries.
   *
   * @param last whether the message ends with it
   */
  record Chunk(boolean last) implements Piece {}

  /**
   * The trace field, in a chunk of its own because what follows is none.
   *
   * @param next what follows
   */
  record Field(Outstanding.Entry.Burl next) implements Piece {}

  /** Says whether the client's message is complete with the command that this belongs to. */
  default boolean completes() {
    return switch (this) {
      case Body b -> true;
      case Chunk c -> c.last();
      case Field f -> f.next().last();
    };
  }
}
