package dev.postern.deploy.demo;

/**
 * A user of the demo.
 *
 * @param address mail address and login name
 * @param password no secret: it is printed
 */
record Account(String address, String password) {
  static final Account ALICE = new Account("alice@example.test", "wonderland");
  static final Account BOB = new Account("bob@example.test", "builder");

  /** Returns the form that curl's option {@code --user} takes. */
  String credentials() {
    return address + ":" + password;
  }
}
