package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.tls.TlsMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Reads configurations against the six registered services. */
final class Reading {
  private static final BackendProfile[] MAILBOX = {
    BackendProfile.DOVECOT_2_3, BackendProfile.DOVECOT_2_4, BackendProfile.PLAIN
  };

  static final List<ProtocolInfo> PROTOCOLS =
      List.of(
          protocol("imap", "imaps", 993, "imap", 143, MAILBOX),
          protocol("pop3", "pop3s", 995, "pop3", 110, MAILBOX),
          protocol("submission", "submissions", 465, "submission", 587, BackendProfile.values()));

  /** The least that works, and what tests add their keys to. Nine lines. */
  static final String MINIMAL =
      """
      hostname: mail.example.org
      certificates:
        - name: main
          chain: tls/chain.pem
          key: tls/key.pem
      backends:
        imap:
          profile: dovecot-2.3
          addresses: [10.0.0.5]
      """;

  private Reading() {}

  static ReadResult read(String yaml) {
    return new ConfigurationReader(PROTOCOLS).read(yaml, Path.of("/etc/postern"));
  }

  static ReadResult.Valid valid(String yaml) {
    ReadResult result = read(yaml);
    assertThat(result).as("%s", result).isInstanceOf(ReadResult.Valid.class);
    return (ReadResult.Valid) result;
  }

  /** Reads the minimal configuration and more. */
  static Configuration configuration(String more) {
    return valid(MINIMAL + more).configuration();
  }

  static List<String> warnings(String more) {
    return texts(valid(MINIMAL + more).warnings());
  }

  static List<String> errors(String more) {
    return errorsOf(MINIMAL + more);
  }

  static List<String> errorsOf(String yaml) {
    ReadResult result = read(yaml);
    assertThat(result).as("%s", result).isInstanceOf(ReadResult.Invalid.class);
    return texts(((ReadResult.Invalid) result).problems());
  }

  private static List<String> texts(List<Problem> problems) {
    return problems.stream().map(problem -> problem.text("postern.yaml")).toList();
  }

  private static ProtocolInfo protocol(
      String name,
      String implicit,
      int implicitPort,
      String startTls,
      int startTlsPort,
      BackendProfile... profiles) {
    return new ProtocolInfo(
        name,
        List.of(
            new ProtocolInfo.Service(
                implicit, implicitPort, TlsMode.IMPLICIT, implicit.equals("imaps")),
            new ProtocolInfo.Service(startTls, startTlsPort, TlsMode.STARTTLS)),
        Set.of(),
        Set.of(profiles),
        new BackendOffer(List.of(), false, List.of()),
        name.equals("submission"));
  }
}
