package dev.postern.deploy.container;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import java.security.GeneralSecurityException;
import java.util.Properties;

/** Jakarta Mail, set up by a careful user: TLS or nothing, and the right name in it. */
final class MailProgram {
  private static final String PATIENCE_MS = "60000";

  private final PosternContainer postern;
  private final Authority trusted;
  private final Properties more = new Properties();

  private MailProgram(PosternContainer postern, Authority trusted) {
    this.postern = postern;
    this.trusted = trusted;
  }

  /** One that trusts the authority of the proxy's present certificate, and no other. */
  static MailProgram of(PosternContainer postern) {
    return new MailProgram(postern, postern.authority());
  }

  /** One that has nothing but a version of TLS and a cipher suite to offer. */
  static MailProgram offering(PosternContainer postern, String version, String suite) {
    MailProgram program = of(postern);
    program.more.put("mail.smtp.ssl.protocols", version);
    program.more.put("mail.smtp.ssl.ciphersuites", suite);
    return program;
  }

  /** Logs in to read. */
  Store read(String service, Account account) throws MessagingException {
    Store store = session(service).getStore(protocol(service));
    store.connect(postern.host(), postern.port(service), account.user(), account.password());
    return store;
  }

  /** Logs in to send. */
  Transport send(String service, Account account) throws MessagingException {
    Transport transport = session(service).getTransport(protocol(service));
    transport.connect(postern.host(), postern.port(service), account.user(), account.password());
    return transport;
  }

  private Session session(String service) {
    String prefix = "mail." + protocol(service) + ".";
    Properties p = new Properties();
    if (service.endsWith("s")) {
      p.put(prefix + "ssl.enable", "true");
    } else {
      p.put(prefix + "starttls.enable", "true");
      p.put(prefix + "starttls.required", "true");
    }
    try {
      p.put(prefix + "ssl.socketFactory", trusted.trust().getSocketFactory());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    p.put(prefix + "ssl.checkserveridentity", "true");
    p.put(prefix + "auth", "true");
    p.put(prefix + "auth.mechanisms", "PLAIN");
    p.put(prefix + "localhost", "laptop.example");
    p.put(prefix + "connectiontimeout", PATIENCE_MS);
    p.put(prefix + "timeout", PATIENCE_MS);
    p.putAll(more);
    return Session.getInstance(p);
  }

  private static String protocol(String service) {
    String name = service.endsWith("s") ? service.substring(0, service.length() - 1) : service;
    return name.equals("submission") ? "smtp" : name;
  }
}
