package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.MasterUserSettings;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The backend's master user, from the configuration to a session. */
@Tag("CCO-4.2b")
class MasterUserTest {
  @TempDir Path folder;

  @Test
  void aReloadReadsThePasswordAgainAndRefusesToDoWithout() throws Exception {
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      assertThat(master(proxy)).isEqualTo("master - preauth=false");
      Path password = folder.resolve("master");
      Configuration configuration = with(proxy, new MasterUserSettings("proxy", password));

      assertThatThrownBy(() -> proxy.server.reload(configuration))
          .isInstanceOf(StartException.class)
          .hasMessage(
              "the master user of backend tiny cannot be used: there is no password file "
                  + password);
      assertThat(master(proxy)).isEqualTo("master - preauth=false");

      Files.writeString(password, "four\n");
      proxy.server.reload(configuration);
      assertThat(master(proxy)).isEqualTo("master proxy 4 preauth=false");

      Files.writeString(password, "longer\n");
      proxy.server.reload(configuration);
      assertThat(master(proxy)).isEqualTo("master proxy 6 preauth=false");
    }
  }

  @Test
  void noClientLogsInAsTheMasterUser() throws Exception {
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      Path password = Files.writeString(folder.resolve("master"), "four\n");
      proxy.server.reload(with(proxy, new MasterUserSettings("proxy", password)));
      try (Socket plain = proxy.connect("tiny")) {
        line(plain);
        say(plain, "USER proxy\r\n");
        assertThat(line(plain))
            .as("in cleartext it is as for all")
            .isEqualTo("denied tls-required");
      }
      try (Socket client = proxy.connectTls(proxy.certificate)) {
        line(client);
        say(client, "USER Proxy\r\n");
        assertThat(line(client)).isEqualTo("denied master-user");
        say(client, "USER alice*proxy\r\n");
        assertThat(line(client)).isEqualTo("denied master-user");
        say(client, "ASK proxy alice PLAIN\r\n");
        assertThat(line(client)).isEqualTo("denied master-user");
        say(client, "ASK alice proxy PLAIN\r\n");
        assertThat(line(client)).as("whom alice may act for, the backend knows").isEqualTo("yes");
        say(client, "ASK proxy alice EXTERNAL\r\n");
        assertThat(line(client)).as("a certificate gives no password away").isEqualTo("yes");
      }
    }
  }

  private static String master(TinyProxy proxy) throws Exception {
    try (Socket client = proxy.connect("tiny")) {
      line(client);
      say(client, "MASTER\r\n");
      return line(client);
    }
  }

  private static Configuration with(TinyProxy proxy, MasterUserSettings master) {
    Configuration now = proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
    BackendSettings backend = now.backends().get("tiny");
    return new Configuration(
        now.listeners(),
        now.certificates(),
        now.tls(),
        now.tickets(),
        Map.of(
            "tiny",
            new BackendSettings(
                backend.protocol(),
                backend.profile(),
                backend.addresses(),
                backend.capabilities(),
                Optional.of(master))),
        now.policy(),
        now.terms(),
        now.management(),
        now.audit());
  }
}
