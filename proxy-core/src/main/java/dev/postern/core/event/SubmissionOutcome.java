package dev.postern.core.event;

/** How a submission ended, as a metric tag. */
enum SubmissionOutcome {
  /** The backend has taken the message. */
  ACCEPTED("accepted"),
  /** Refused for now: a reply of 4yz. */
  REFUSED_FOR_NOW("refused-for-now"),
  /** Refused for good: a reply of 5yz, the backend's or the proxy's own. */
  REFUSED("refused"),
  /** The backend vanished before it replied. */
  NO_REPLY("no-reply");

  private final String label;

  SubmissionOutcome(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  static SubmissionOutcome of(SessionEvent.Submitted event) {
    if (event.accepted()) {
      return ACCEPTED;
    }
    if (event.reply() == 0) {
      return NO_REPLY;
    }
    return event.reply() / 100 == 4 ? REFUSED_FOR_NOW : REFUSED;
  }
}
