package dev.postern.core.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.config.TicketSettings;
import dev.postern.core.tls.TicketKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TicketsTest {
  private static final TicketSettings HOURLY = TicketSettings.DEFAULT;

  @TempDir Path folder;
  private final Tickets tickets = new Tickets(new SecureRandom());

  @Test
  void keysOfTheProcessSurviveAReload() throws Exception {
    TicketKeys keys = tickets.under(HOURLY);
    tickets.inForce(HOURLY, keys);
    assertThat(tickets.under(HOURLY)).isSameAs(keys);
    assertThat(tickets.under(new TicketSettings.Rotated(Duration.ofMinutes(5)))).isSameAs(keys);
  }

  @Test
  void keepsTheKeyBeforeThroughOneRotation() throws Exception {
    TicketKeys keys = tickets.under(HOURLY);
    tickets.inForce(HOURLY, keys);
    TicketKeys second = tickets.rotated();
    assertThat(second.newestFirst()).hasSize(2);
    assertThat(second.newestFirst().get(1) == keys.newestFirst().get(0)).isTrue();
    assertThat(tickets.under(HOURLY)).isSameAs(second);
    TicketKeys third = tickets.rotated();
    assertThat(third.newestFirst()).hasSize(2);
    assertThat(third.newestFirst().get(1) == second.newestFirst().get(0)).isTrue();
  }

  @Test
  void aRotationBetweenFindingKeysAndUsingThemIsNotUndone() throws Exception {
    TicketSettings faster = new TicketSettings.Rotated(Duration.ofMinutes(5));
    TicketKeys fresh = tickets.under(HOURLY);
    assertThat(tickets.stillUnder(HOURLY, fresh)).as("none in force yet").isSameAs(fresh);
    tickets.inForce(HOURLY, fresh);
    TicketKeys found = tickets.under(faster);
    TicketKeys rotated = tickets.rotated();
    assertThat(tickets.stillUnder(faster, found)).isSameAs(rotated);
    TicketSettings files = shared("a");
    TicketKeys read = tickets.under(files);
    assertThat(tickets.stillUnder(files, read)).isSameAs(read);
  }

  @Test
  void tellsWhenTheTimeOfRotationChanges() throws Exception {
    assertThat(tickets.inForce(HOURLY, tickets.under(HOURLY))).isTrue();
    assertThat(tickets.inForce(HOURLY, tickets.under(HOURLY))).isFalse();
    TicketSettings faster = new TicketSettings.Rotated(Duration.ofMinutes(5));
    assertThat(tickets.inForce(faster, tickets.under(faster))).isTrue();
    assertThat(tickets.rotatedEvery()).contains(Duration.ofMinutes(5));
    TicketSettings off = new TicketSettings.Off();
    assertThat(tickets.inForce(off, tickets.under(off))).isTrue();
    assertThat(tickets.rotatedEvery()).isEmpty();
  }

  @Test
  void keysThatWereSharedAreNotKeptForOneself() throws Exception {
    TicketSettings files = shared("a");
    TicketKeys keys = tickets.under(files);
    tickets.inForce(files, keys);
    assertThat(tickets.under(HOURLY).newestFirst()).hasSize(1).isNotEqualTo(keys.newestFirst());
  }

  @Test
  void refusesFilesThatHoldNoKeyAndKeepsWhatIsInForce() throws Exception {
    TicketSettings files = shared("a");
    tickets.inForce(files, tickets.under(files));
    Files.write(folder.resolve("a"), new byte[10]);
    assertThatThrownBy(() -> tickets.under(files))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("10 octets")
        .hasMessageContaining("openssl rand 48");
    assertThat(tickets.under(new TicketSettings.Off())).isSameAs(TicketKeys.NONE);
  }

  private TicketSettings shared(String name) throws Exception {
    byte[] key = new byte[48];
    new SecureRandom().nextBytes(key);
    return new TicketSettings.Files(List.of(Files.write(folder.resolve(name), key)));
  }
}
