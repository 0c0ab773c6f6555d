package dev.postern.deploy.backend;

/** A server that did not come up. */
final class StartFailure extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private final boolean addressTaken;

  StartFailure(String message, boolean addressTaken) {
    super(message);
    this.addressTaken = addressTaken;
  }

  /** Whether somebody else took the port meanwhile: another attempt may succeed. */
  boolean addressTaken() {
    return addressTaken;
  }
}
