package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class HandshakesTest {
  private final Handshakes handshakes = new Handshakes();

  @Test
  void oneAddressMayHaveSoManyAndNoMore() throws Exception {
    InetAddress address = address(192, 0, 2, 1);
    assertThat(handshakes.begin(address, 2)).isTrue();
    assertThat(handshakes.begin(address, 2)).isTrue();
    assertThat(handshakes.begin(address, 2)).isFalse();
    assertThat(handshakes.begin(address(192, 0, 2, 2), 2)).isTrue();
    handshakes.end(address);
    assertThat(handshakes.begin(address, 2)).isTrue();
  }

  @Test
  void anIpv6NetworkCountsAsOneAddress() throws Exception {
    assertThat(handshakes.begin(address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), 1))
        .isTrue();
    assertThat(handshakes.begin(address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9), 1))
        .isFalse();
    assertThat(handshakes.begin(address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8), 1))
        .isTrue();
  }

  @Test
  void nothingIsKeptOfAddressesWithoutHandshakes() throws Exception {
    InetAddress address = address(192, 0, 2, 1);
    handshakes.begin(address, 1);
    handshakes.begin(address, 1);
    handshakes.end(address);
    assertThat(handshakes.addresses()).isZero();
    assertThat(handshakes.begin(address, 0)).isFalse();
    assertThat(handshakes.addresses()).isZero();
  }

  private static InetAddress address(int... octets) throws UnknownHostException {
    byte[] address = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      address[i] = (byte) octets[i];
    }
    return InetAddress.getByAddress(address);
  }
}
