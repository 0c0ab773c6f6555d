package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressLiteralTest {

  /** The rules of RFC 5952 §4.2: longest run, the first of equals, never a single group. */
  @ParameterizedTest
  @CsvSource({
    "192.0.2.4, [192.0.2.4]",
    "2001:db8:0:0:0:0:0:7, [IPv6:2001:db8::7]",
    "0:0:0:0:0:0:0:0, [IPv6:::]",
    "0:0:0:0:0:0:0:1, [IPv6:::1]",
    "1:0:0:0:0:0:0:0, [IPv6:1::]",
    "1:0:0:2:0:0:0:3, [IPv6:1:0:0:2::3]",
    "1:0:0:2:3:0:0:4, [IPv6:1::2:3:0:0:4]",
    "1:0:2:3:4:5:6:7, [IPv6:1:0:2:3:4:5:6:7]",
    "0:1:2:3:4:5:6:7, [IPv6:0:1:2:3:4:5:6:7]",
    "2001:DB8:A:B:C:D:E:F, [IPv6:2001:db8:a:b:c:d:e:f]",
  })
  void writesTheShortestForm(String address, String literal) throws Exception {
    assertThat(AddressLiteral.bracketed(InetAddress.getByName(address))).isEqualTo(literal);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.4, [192.0.2.0]",
    "2001:db8:1:2:3:4:5:6, [IPv6:2001:db8:1::]",
  })
  void keepsTheNetworkOnly(String address, String literal) throws Exception {
    assertThat(AddressLiteral.bracketedNetwork(InetAddress.getByName(address))).isEqualTo(literal);
  }
}
