package dev.postern.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.3.0/24, 10.1.3.0, true",
    "10.1.3.0/24, 10.1.3.255, true",
    "10.1.3.0/24, 10.1.4.0, false",
    "10.1.3.0/24, 10.1.2.255, false",
    "10.1.3.128/25, 10.1.3.127, false",
    "10.1.3.128/25, 10.1.3.128, true",
    "10.0.0.0/9, 10.127.255.255, true",
    "10.0.0.0/9, 10.128.0.0, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.6, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::1, false",
    "2001:db8:0:8000::/49, 2001:db8:0:7fff::1, false",
    "::/0, 2001:db8::1, true",
    "::/0, 192.0.2.7, false",
    "2001:db8::1, 2001:db8::1, true",
    "2001:db8::1, 2001:db8::2, false",
    "::ffff:10.1.3.0/120, 10.1.3.9, true",
    "::ffff:10.1.3.0/120, 10.1.4.9, false",
  })
  void containsTheAddressesThatShareItsPrefix(String network, String address, boolean contained)
      throws UnknownHostException {
    assertThat(Network.parse(network).orElseThrow().contains(InetAddress.getByName(address)))
        .isEqualTo(contained);
  }

  @Test
  void takesMappedClientsAsIpv4() throws UnknownHostException {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 3, 9};
    InetAddress client = Inet6Address.getByAddress(null, mapped, -1);
    assertThat(client)
        .as("what a dual-stack socket may hand over")
        .isInstanceOf(Inet6Address.class);

    assertThat(Network.parse("10.1.3.0/24").orElseThrow().contains(client)).isTrue();
    assertThat(Network.parse("::/0").orElseThrow().contains(client)).isFalse();
  }

  @Test
  void isTheSameNetworkHoweverWritten() {
    assertThat(Network.parse("10.1.3.9/24"))
        .isEqualTo(Network.parse("10.1.3.0/24"))
        .isEqualTo(Network.parse("::ffff:10.1.3.0/120"))
        .hasSameHashCodeAs(Network.parse("10.1.3.0/24"))
        .isNotEqualTo(Network.parse("10.1.3.0/25"));
    assertThat(Network.parse("10.1.3.9/24").orElseThrow()).hasToString("10.1.3.0/24");
    assertThat(Network.parse("2001:DB8::/32").orElseThrow()).hasToString("2001:db8::/32");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/24",
        "10.1.3.0/",
        "10.1.3.0/33",
        "10.1.3.0/-1",
        "10.1.3.0/+8",
        "10.1.3.0/2 4",
        "10.1.3.0/0x8",
        "10.1.3.0/99999999999",
        "10.1.3/24",
        "10.1.3.0/255.255.255.0",
        "2001:db8::/129",
        "fe80::1%eth0/64",
        "localhost",
        "example.org/24"
      })
  void refusesWhatIsNoNetwork(String text) {
    assertThat(Network.parse(text)).isEmpty();
  }
}
