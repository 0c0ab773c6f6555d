package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
  private static final Duration BASE = Duration.ofSeconds(2);
  private static final InetAddress CLIENT = address("192.0.2.4");

  private final AtomicLong now = new AtomicLong();
  private final FailedLogins failures = new FailedLogins(now::get);

  @Test
  void eachFailureInARowCostsTwiceAsMuchUpToABound() {
    assertThat(seconds()).isEqualTo(2);
    assertThat(seconds()).isEqualTo(4);
    assertThat(seconds()).isEqualTo(8);
    for (int i = 0; i < 20; i++) {
      assertThat(seconds()).isEqualTo(16);
    }
  }

  @Test
  void aWhileWithoutFailuresEndsTheRow() {
    seconds();
    seconds();
    now.addAndGet(Duration.ofMinutes(11).toNanos());
    assertThat(seconds()).isEqualTo(2);
  }

  @Test
  void networksAreCountedByThemselvesAndIpv6ByHalfItsBits() {
    failures.penalty(address("2001:db8::1"), BASE);
    assertThat(failures.penalty(address("2001:db8::2"), BASE)).isEqualTo(BASE.multipliedBy(2));
    assertThat(failures.penalty(address("2001:db8:0:1::1"), BASE)).isEqualTo(BASE);
    assertThat(seconds()).isEqualTo(2);
  }

  private long seconds() {
    return failures.penalty(CLIENT, BASE).toSeconds();
  }

  private static InetAddress address(String literal) {
    InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(literal);
    assertThat(parsed).isNotNull();
    return parsed;
  }
}
