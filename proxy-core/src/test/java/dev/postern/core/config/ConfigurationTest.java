package dev.postern.core.config;

import static dev.postern.core.config.Reading.configuration;
import static dev.postern.core.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.policy.BareNewlines;
import dev.postern.core.policy.Conditions;
import dev.postern.core.policy.Network;
import dev.postern.core.policy.Outcome;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.Protection;
import dev.postern.core.policy.Rule;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.SubmissionLimits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * For each record two tests: what it is when the file says nothing, and when the file says
 * everything.
 */
class ConfigurationTest {

  @Test
  @Tag("CCO-4a")
  void listenersByDefault() {
    assertThat(
            valid(
                    """
                    hostname: mail.example.org
                    certificates: [{ name: main, chain: c, key: k }]
                    backends:
                      submission: { profile: postfix, addresses: [10.0.0.6] }
                      imap: { profile: plain, addresses: [10.0.0.5] }
                      pop3: { profile: plain, addresses: [10.0.0.5] }
                    """)
                .configuration()
                .listeners())
        .containsExactly(
            listener("imaps", "imap", TlsMode.IMPLICIT, 993),
            listener("imap", "imap", TlsMode.STARTTLS, 143),
            listener("pop3s", "pop3", TlsMode.IMPLICIT, 995),
            listener("pop3", "pop3", TlsMode.STARTTLS, 110),
            listener("submissions", "submission", TlsMode.IMPLICIT, 465),
            listener("submission", "submission", TlsMode.STARTTLS, 587));
  }

  private static ListenerSettings listener(
      String service, String protocol, TlsMode mode, int port) {
    return new ListenerSettings(
        service,
        service,
        protocol,
        mode,
        new InetSocketAddress(port),
        List.of("main"),
        TlsSettings.DEFAULT,
        List.of());
  }

  @Test
  void listenersWhenEverythingIsSet() {
    assertThat(
            configuration(
                    """
                    listeners:
                      - service: imap
                        address: "[2001:db8::1]:1143"
                        name: internal
                        certificates: [main]
                    """)
                .listeners())
        .containsExactly(
            new ListenerSettings(
                "internal",
                "imap",
                "imap",
                TlsMode.STARTTLS,
                new InetSocketAddress("2001:db8::1", 1143),
                List.of("main"),
                TlsSettings.DEFAULT,
                List.of()));
  }

  @Test
  void certificatesByDefault() {
    assertThat(
            valid(
                    """
                    hostname: mail.example.org
                    listeners: [service: imap]
                    backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
                    """)
                .configuration()
                .certificates())
        .isEmpty();
  }

  @Test
  void certificatesWhenEverythingIsSet() {
    assertThat(
            valid(Reading.MINIMAL.replace("tls/key.pem", "/secret/../key.pem"))
                .configuration()
                .certificates())
        .containsExactly(
            new CertificateSettings(
                "main",
                List.of(),
                new CertificateFiles.Pem(
                    Path.of("/etc/postern/tls/chain.pem"), Path.of("/key.pem"), Optional.empty()),
                new StaplingSettings.Off()));
  }

  @Test
  void tlsByDefault() {
    assertThat(configuration("").tls())
        .isEqualTo(TlsSettings.DEFAULT)
        .returns(TlsVersion.TLS_1_2, TlsSettings::minimum)
        .returns(TlsVersion.TLS_1_3, TlsSettings::maximum);
  }

  @Test
  void tlsWhenEverythingIsSet() {
    assertThat(configuration("tls: { minimum: 1.2, maximum: \"1.2\" }").tls())
        .returns(TlsVersion.TLS_1_2, TlsSettings::minimum)
        .returns(TlsVersion.TLS_1_2, TlsSettings::maximum);
  }

  @Test
  void backendsByDefault() {
    assertThat(configuration("").backends())
        .containsOnlyKeys("imap")
        .containsEntry(
            "imap",
            new BackendSettings(
                "imap",
                BackendProfile.DOVECOT_2_3,
                List.of(new HostPort("10.0.0.5", 143)),
                List.of(),
                Optional.empty()));
  }

  @Test
  void backendsWhenEverythingIsSet() {
    assertThat(
            configuration(
                    """
                      submission:
                        profile: postfix
                        addresses: ["[2001:db8::6]:2587", smtp.internal, 10.0.0.6:25]
                        capabilities: [PIPELINING, SIZE 10240000]
                    """)
                .backends()
                .get("submission"))
        .isEqualTo(
            new BackendSettings(
                "submission",
                BackendProfile.POSTFIX,
                List.of(
                    new HostPort("2001:db8::6", 2587),
                    new HostPort("smtp.internal", 587),
                    new HostPort("10.0.0.6", 25)),
                List.of("PIPELINING", "SIZE 10240000"),
                Optional.empty()));
  }

  @Test
  void policyByDefault() {
    assertThat(configuration("").policy())
        .isEqualTo(PolicySettings.DEFAULT)
        .isEqualTo(new PolicySettings(Optional.empty(), new Policy(List.of())));
  }

  @Test
  @Tag("CCO-4.1e")
  void policyWhenEverythingIsSet() {
    assertThat(
            configuration(
                    """
                    policy:
                      directory: { file: users }
                      rules:
                        - name: scanner
                          reason: "cannot do TLS, replaced in March"
                          until: 2027-03-31
                          when:
                            services: [imap]
                            listeners: [imap]
                            networks: [10.1.3.0/24, "2001:db8::/32"]
                            users: [Scanner@example.org]
                            domains: [Example.org]
                            groups: [legacy]
                            protection: cleartext
                            mechanisms: [plain]
                          then: allow
                          bare-newlines: normalize
                        - { name: rest, reason: closed, when: { protection: tls<1.3 }, then: deny }
                    """)
                .policy())
        .isEqualTo(
            new PolicySettings(
                Optional.of(Path.of("/etc/postern/users")),
                new Policy(
                    List.of(
                        new Rule(
                            "scanner",
                            "cannot do TLS, replaced in March",
                            Optional.of(LocalDate.of(2027, 3, 31)),
                            new Conditions(
                                Set.of("imap"),
                                Set.of("imap"),
                                List.of(
                                    Network.parse("10.1.3.0/24").orElseThrow(),
                                    Network.parse("2001:db8::/32").orElseThrow()),
                                Set.of("scanner@example.org"),
                                Set.of("example.org"),
                                Set.of("legacy"),
                                Optional.of(new Protection.Cleartext()),
                                Set.of("PLAIN")),
                            Outcome.ALLOW,
                            BareNewlines.NORMALIZE,
                            false),
                        new Rule(
                            "rest",
                            "closed",
                            Optional.empty(),
                            new Conditions(
                                Set.of(),
                                Set.of(),
                                List.of(),
                                Set.of(),
                                Set.of(),
                                Set.of(),
                                Optional.of(new Protection.TlsBelow(TlsVersion.TLS_1_3)),
                                Set.of()),
                            Outcome.DENY)))));
  }

  @Test
  void termsByDefault() {
    assertThat(configuration("").terms())
        .isEqualTo(
            new Terms(
                "mail.example.org",
                Optional.empty(),
                DeepStatus.NONE,
                Limits.DEFAULT,
                TraceSettings.DEFAULT));
    assertThat(configuration("").hostname()).isEqualTo("mail.example.org");
  }

  @Test
  void termsWhenEverythingIsSet() {
    assertThat(
            configuration(
                    """
                    support-url: http://help.example.org/mail
                    deep: { tags: [tls12, tls-cert], support: https://help.example.org/deep }
                    trace: { client-address: network }
                    limits:
                      line-length: 16KiB
                      literal-size: 1MiB
                      literals: 5
                      pre-login-octets: 2MiB
                      bad-commands: 6
                      pipelined-commands: 7
                      handshake-deadline: 8s
                      login-deadline: 9m
                      idle-timeout: 30m
                      connections: 1000
                      connections-per-address: 11
                      handshakes-per-address: 12
                      failed-login-delay: 1200ms
                      backend-deadline: 13s
                      drain-deadline: 1h
                      recipients: 100
                      messages: 14
                      message-size: 1MiB
                    """)
                .terms())
        .isEqualTo(
            new Terms(
                "mail.example.org",
                Optional.of(URI.create("http://help.example.org/mail")),
                new DeepStatus(
                    List.of("tls12", "tls-cert"),
                    Optional.of(URI.create("https://help.example.org/deep"))),
                new Limits(
                    16384,
                    1048576,
                    5,
                    2097152,
                    6,
                    7,
                    Duration.ofSeconds(8),
                    Duration.ofMinutes(9),
                    Duration.ofMinutes(30),
                    1000,
                    11,
                    12,
                    Duration.ofMillis(1200),
                    Duration.ofSeconds(13),
                    Duration.ofHours(1),
                    new SubmissionLimits(
                        100, 14, 1048576, Duration.ofMinutes(5), Duration.ofMinutes(10))),
                new TraceSettings(TraceSettings.Address.NETWORK)));
  }

  @Test
  void managementByDefault() {
    assertThat(configuration("").management())
        .isEqualTo(
            new ManagementSettings(
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9993))));
  }

  @Test
  void managementWhenEverythingIsSet() {
    assertThat(configuration("management: { address: \":9000\" }").management())
        .isEqualTo(new ManagementSettings(Optional.of(new InetSocketAddress(9000))));
    assertThat(configuration("management: { address: off }").management())
        .isEqualTo(new ManagementSettings(Optional.empty()));
  }

  @Test
  void auditByDefault() {
    assertThat(configuration("").audit()).isEqualTo(new AuditSettings.StandardOutput());
  }

  @Test
  void auditWhenEverythingIsSet() {
    assertThat(configuration("audit: { file: audit.jsonl }").audit())
        .isEqualTo(new AuditSettings.File(Path.of("/etc/postern/audit.jsonl")));
    assertThat(configuration("audit: { file: stdout }").audit())
        .isEqualTo(new AuditSettings.StandardOutput());
    assertThat(configuration("audit: { file: off }").audit()).isEqualTo(new AuditSettings.Off());
  }
}
