package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.HelloOctets.Extension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloReaderTest {
  private static final HelloOctets USUAL =
      HelloOctets.of(0x0303, 0x0a0a, 0x1301, 0xc02b)
          .with(Extension.serverName("Mail.Example.ORG."))
          .with(Extension.pairs(Extension.GROUPS, 0xfafa, 0x11ec, 29, 23))
          .with(Extension.pairs(Extension.SIGNATURES, 0x0403, 0x0804))
          .with(Extension.alpn("\n\n", "imap", "h2"))
          .with(Extension.versions(0x1a1a, 0x0304, 0x0303))
          .with(new Extension(Extension.STATUS_REQUEST, 1, 0, 0, 0, 0))
          .with(new Extension(0x2a2a));

  @Test
  @Tag("CCO-4.4")
  void readsWhatWasOffered() {
    assertThat(read(USUAL.octets()))
        .contains(
            new ClientHello(
                List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
                List.of(0x1301, 0xc02b),
                List.of(0x0403, 0x0804),
                List.of(0x11ec, 29, 23),
                Optional.of("mail.example.org"),
                List.of("imap", "h2"),
                true));
  }

  @ParameterizedTest
  @CsvSource({
    "0x0300, ",
    "0x0301, TLS_1_0",
    "0x0302, TLS_1_1 TLS_1_0",
    "0x0303, TLS_1_2 TLS_1_1 TLS_1_0",
    "0x0304, TLS_1_2 TLS_1_1 TLS_1_0"
  })
  @Tag("CCO-4.1d")
  void aHelloWithoutTheExtensionOffersItsVersionAndAllBelow(String legacy, String versions) {
    List<TlsVersion> expected =
        versions == null
            ? List.of()
            : Arrays.stream(versions.split(" ")).map(TlsVersion::valueOf).toList();
    byte[] hello = HelloOctets.of(Integer.decode(legacy), 0x002f).octets();
    assertThat(read(hello).orElseThrow().versions()).isEqualTo(expected);
  }

  @Test
  @Tag("CCO-4.1d")
  void theExtensionOverrulesTheVersionOfTheHello() {
    byte[] hello = HelloOctets.of(0x0303, 0x1301).with(Extension.versions(0x0304, 0x7f1c)).octets();
    assertThat(read(hello).orElseThrow().versions()).containsExactly(TlsVersion.TLS_1_3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1",
        "mail_x.example.org",
        "-mail.example.org",
        "mail-.example.org",
        "mail.example-",
        "mail..example.org",
        ".example.org",
        ".",
        "..",
        "mail.example.org..",
        "mail\u0000.example.org",
        "m\u00e4il.example.org",
        "2001:db8::1",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org"
      })
  void whatIsNoHostNameIsNoServerName(String name) {
    byte[] hello = HelloOctets.of(0x0303, 0x1301).with(Extension.serverName(name)).octets();
    assertThat(read(hello).orElseThrow().serverName()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "mail.example.org, mail.example.org",
    "MAIL.example.org., mail.example.org",
    "xn--mil-ula.example, xn--mil-ula.example",
    "localhost, localhost",
    "1.mail2.example.3com, 1.mail2.example.3com"
  })
  void hostNamesAreComparedInOneForm(String name, String form) {
    byte[] hello = HelloOctets.of(0x0303, 0x1301).with(Extension.serverName(name)).octets();
    assertThat(read(hello).orElseThrow().serverName()).contains(form);
  }

  @Test
  void aSecondExtensionOfAKindIsMalformed() {
    assertThat(read(USUAL.with(Extension.serverName("other.example.org")).octets())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {Extension.GROUPS, Extension.SIGNATURES, Extension.ALPN, Extension.VERSIONS})
  void anExtensionOfTheWrongShapeIsMalformed(int type) {
    assertThat(read(HelloOctets.of(0x0303, 1).with(new Extension(type, 0, 3, 1, 2)).octets()))
        .isEmpty();
    assertThat(read(HelloOctets.of(0x0303, 1).with(new Extension(type)).octets())).isEmpty();
  }

  @Test
  void whatLiesBehindTheEndIsNeverRead() {
    byte[] whole = USUAL.octets();
    int withoutExtensions = HelloOctets.of(0x0303, 0x0a0a, 0x1301, 0xc02b).octets().length;
    for (int length = 0; length < whole.length; length++) {
      if (length != withoutExtensions) {
        assertThat(read(Arrays.copyOf(whole, length))).as("%s octets", length).isEmpty();
        ByteBuf view = Unpooled.wrappedBuffer(whole).slice(0, length);
        assertThat(ClientHelloReader.read(view)).as("%s octets in view", length).isEmpty();
      }
    }
    assertThat(read(Arrays.copyOf(whole, whole.length + 1))).isEmpty();
  }

  @Test
  void hostileOctetsNeverThrow() {
    Random random = new Random(7627);
    byte[] whole = USUAL.octets();
    for (int i = 0; i < 200_000; i++) {
      byte[] octets = whole.clone();
      int changes = 1 + random.nextInt(4);
      for (int c = 0; c < changes; c++) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt();
      }
      read(octets).ifPresent(hello -> assertThat(hello.cipherSuites()).isNotNull());
    }
    for (int i = 0; i < 50_000; i++) {
      byte[] octets = new byte[random.nextInt(300)];
      random.nextBytes(octets);
      read(octets);
    }
  }

  private static Optional<ClientHello> read(byte[] octets) {
    ByteBuf body = Unpooled.wrappedBuffer(octets);
    Optional<ClientHello> hello = ClientHelloReader.read(body);
    assertThat(body.readableBytes()).isEqualTo(octets.length);
    return hello;
  }
}
