package dev.postern.deploy.demo;

import dev.postern.deploy.process.ConfigurationFile;
import dev.postern.deploy.process.ProxyProcess;
import dev.postern.deploy.process.StartFailure;
import dev.postern.deploy.process.Surroundings;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/** Postern and everything that it needs, in one process. */
public final class Demo {
  private static final int MANAGEMENT = 990;

  private final StateFolder state;
  private final MailServers servers;
  private final ProxyProcess proxy;

  private Demo(StateFolder state, MailServers servers, ProxyProcess proxy) {
    this.state = state;
    this.servers = servers;
    this.proxy = proxy;
  }

  /**
   * Starts mail servers and a proxy in front of them. The proxy reads an ordinary configuration
   * file, which is written into the folder.
   *
   * @param folder for certificates and configuration; made when it is not there
   * @param ports where to listen
   * @throws StartFailure when a port is taken
   * @throws IOException when the folder cannot be used
   */
  public static Demo start(Path folder, Ports ports, Surroundings surroundings)
      throws StartFailure, IOException, GeneralSecurityException, MessagingException {
    StateFolder state = StateFolder.at(folder);
    try {
      state.certify(surroundings.clock().instant());
      MailServers servers = MailServers.start(surroundings.clock().instant());
      try {
        return new Demo(state, servers, proxy(state, ports, servers, surroundings));
      } catch (StartFailure | IOException | RuntimeException e) {
        servers.close();
        throw e;
      }
    } catch (StartFailure
        | IOException
        | GeneralSecurityException
        | MessagingException
        | RuntimeException e) {
      state.close();
      throw e;
    }
  }

  private static ProxyProcess proxy(
      StateFolder state, Ports ports, MailServers servers, Surroundings surroundings)
      throws StartFailure, IOException {
    Path file = state.file("postern.yaml");
    state.write(file, configuration(ports, servers));
    return ProxyProcess.start(
        new ConfigurationFile(file, surroundings.protocols(), surroundings.clock()), surroundings);
  }

  private static String configuration(Ports ports, MailServers servers) {
    return """
    # Written by "postern demo", anew each time.
    hostname: mail.example.test
    listeners:
      - { service: imaps, address: "127.0.0.1:%d" }
      - { service: imap, address: "127.0.0.1:%d" }
      - { service: pop3s, address: "127.0.0.1:%d" }
      - { service: pop3, address: "127.0.0.1:%d" }
      - { service: submissions, address: "127.0.0.1:%d" }
      - { service: submission, address: "127.0.0.1:%d" }
    certificates:
      - { name: demo, chain: server.pem, key: server.key }
    backends:
      # Stated, since the first login may come before they are learned.
      imap: { profile: plain, addresses: ["%s"], capabilities: [IMAP4rev1, "LITERAL+", UIDPLUS, SORT, IDLE, MOVE] }
      pop3: { profile: plain, addresses: ["%s"] }
      submission: { profile: plain, addresses: ["%s"] }
    limits:
      drain-deadline: 5s
    management:
      address: "127.0.0.1:%d"
    audit:
      file: audit.json
    """
        .formatted(
            ports.of(993),
            ports.of(143),
            ports.of(995),
            ports.of(110),
            ports.of(465),
            ports.of(587),
            servers.imap(),
            servers.pop3(),
            servers.submission(),
            ports.of(MANAGEMENT));
  }

  /** Returns what to try, for people: commands stand alone on lines that are indented. */
  public String guide() {
    return Guide.text(state, proxy.addresses(), proxy.managementAddress().orElseThrow(), servers);
  }

  /** Reads the configuration anew. */
  public void reload() {
    proxy.reload();
  }

  /** Ends everything; returns when it is over. */
  public void shutDown() throws InterruptedException, IOException {
    proxy.shutDown();
    servers.close();
    state.close();
  }
}
