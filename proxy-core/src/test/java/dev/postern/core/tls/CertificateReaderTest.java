package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("CCO-4.4")
class CertificateReaderTest {
  private static final String PASSWORD = "päss \"word\"";

  @TempDir Path folder;
  private Path chain;
  private Path key;
  private Path password;

  @BeforeEach
  void name() throws Exception {
    chain = folder.resolve("chain.pem");
    key = folder.resolve("key.pem");
    password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
  }

  private Issued write(Issued issued) throws Exception {
    Files.writeString(chain, issued.leaf().getCertificatePathPEM());
    Files.writeString(key, issued.leaf().getPrivateKeyPEM());
    return issued;
  }

  private Issued ecdsa() throws Exception {
    return write(Issued.of(Issued.server()));
  }

  private CertificateFiles.Pem files(boolean withPassword) {
    return new CertificateFiles.Pem(
        chain, key, withPassword ? Optional.of(password) : Optional.empty());
  }

  /** Says a command of OpenSSL, its words parted by blanks; KEY, OUT and PW are files. */
  private void openssl(String words) throws Exception {
    Path out = folder.resolve("out");
    String[] command =
        ("openssl " + words)
            .replace("PW", "file:" + password)
            .replace("KEY", key.toString())
            .replace("CHAIN", chain.toString())
            .replace("OUT", out.toString())
            .split(" ");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", Arrays.toString(command), said).isZero();
  }

  private Path out() {
    return folder.resolve("out");
  }

  @ParameterizedTest
  @EnumSource(
      value = CertificateBuilder.Algorithm.class,
      names = {"ecp256", "ecp384", "rsa2048"})
  void readsThePlainFormOfEveryKind(CertificateBuilder.Algorithm algorithm) throws Exception {
    Issued issued = write(Issued.of(Issued.server().algorithm(algorithm)));
    KeyMaterial read = CertificateReader.read(files(false));
    assertThat(read.chain()).isEqualTo(issued.shown());
    assertThat(KeyMatch.matches(issued.leaf().getCertificate().getPublicKey(), read.key()))
        .isTrue();
  }

  @Test
  void refusesAKeyWithWhichNoHandshakeSucceeds() throws Exception {
    write(Issued.of(Issued.server().algorithm(CertificateBuilder.Algorithm.ed25519)));
    assertThatThrownBy(() -> CertificateReader.read(files(false)))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("a key of a kind that TLS clients do not take")
        .hasMessageContaining("ECDSA on P-256");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rsa2048|rsa -in KEY -traditional -out OUT|RSA PRIVATE KEY",
        "ecp256|ec -in KEY -out OUT|EC PRIVATE KEY",
        "ecp384|pkcs8 -topk8 -in KEY -out OUT -passout PW -v2 aes-256-cbc|ENCRYPTED PRIVATE KEY",
        "rsa2048|pkcs8 -topk8 -in KEY -out OUT -passout PW -scrypt|ENCRYPTED PRIVATE KEY",
        "ecp256|pkcs8 -topk8 -in KEY -out OUT -passout PW -v1 PBE-SHA1-3DES|ENCRYPTED PRIVATE KEY",
        "rsa2048|rsa -in KEY -traditional -aes128 -passout PW -out OUT|Proc-Type: 4,ENCRYPTED",
        "ecp256|ec -in KEY -des3 -passout PW -out OUT|Proc-Type: 4,ENCRYPTED",
      })
  void readsWhatOpensslWrites(CertificateBuilder.Algorithm algorithm, String command, String form)
      throws Exception {
    // The traditional forms and PKCS#12 take passwords as octets or as BMPString: only ASCII is
    // the same for all.
    Files.writeString(password, "open sesame\n");
    Issued issued = write(Issued.of(Issued.server().algorithm(algorithm)));
    openssl(command);
    assertThat(out()).content().contains(form);
    key = out();
    assertThat(CertificateReader.read(files(true)).chain()).isEqualTo(issued.shown());
  }

  @Test
  void aPasswordMayBeOfAnyCharacters() throws Exception {
    Issued issued = ecdsa();
    openssl("pkcs8 -topk8 -in KEY -out OUT -passout PW");
    key = out();
    assertThat(CertificateReader.read(files(true)).chain()).isEqualTo(issued.shown());
  }

  @Test
  void theLineEndBehindAPasswordIsNotPartOfIt() throws Exception {
    for (String written : new String[] {"a b", "a b\n", "a b\r\n"}) {
      assertThat(PasswordFile.read(Files.writeString(password, written)))
          .containsExactly("a b".toCharArray());
    }
    assertThat(PasswordFile.read(Files.writeString(password, "a b\n\n"))).hasSize(4);
    assertThat(PasswordFile.read(Files.writeString(password, ""))).isEmpty();
    Files.write(password, new byte[] {(byte) 0xff, 'x'});
    assertThatThrownBy(() -> PasswordFile.read(password)).hasMessageContaining("is not UTF-8");
  }

  @Test
  void theParametersBesideAnEcKeyArePassedOver() throws Exception {
    Issued issued = ecdsa();
    openssl("ec -in KEY -out OUT");
    Files.writeString(
        out(),
        """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        """
            + Files.readString(out()));
    key = out();
    assertThat(CertificateReader.read(files(false)).chain()).isEqualTo(issued.shown());
  }

  @Test
  void oneFileMayHoldBoth() throws Exception {
    Issued issued = ecdsa();
    Files.writeString(chain, Files.readString(key) + Files.readString(chain));
    key = chain;
    assertThat(CertificateReader.read(files(false)).chain()).isEqualTo(issued.shown());
  }

  @Test
  void theChainIsMended() throws Exception {
    Issued issued = ecdsa();
    Files.writeString(
        chain,
        Issued.pem(
            issued.root().getCertificate(),
            issued.intermediate().getCertificate(),
            issued.leaf().getCertificate()));
    assertThat(CertificateReader.read(files(false)).chain()).isEqualTo(issued.shown());
  }

  @Test
  void anEncryptedKeyWithoutItsPasswordIsSaid() throws Exception {
    ecdsa();
    openssl("pkcs8 -topk8 -in KEY -out OUT -passout PW");
    key = out();
    refused(files(false), out() + " is encrypted: name a file that holds its password");
  }

  @Test
  void aWrongPasswordIsSaidAndNotQuoted() throws Exception {
    ecdsa();
    openssl("pkcs8 -topk8 -in KEY -out OUT -passout PW");
    key = out();
    Files.writeString(password, "another");
    assertThat(refused(files(true), "cannot be decrypted: is " + password))
        .doesNotContain("another");
  }

  @Test
  void anotherCertificatesKeyIsRefused() throws Exception {
    ecdsa();
    Files.writeString(key, Issued.of(Issued.server()).leaf().getPrivateKeyPEM());
    refused(files(false), chain + " holds no certificate for the key in " + key);
  }

  @Test
  void weakKeysAreRefused() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    write(Issued.of(Issued.server().keyPair(generator.generateKeyPair())));
    refused(files(false), chain + " has an RSA key of 1024 bits, which is too weak; ask for one");
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    refused(files(false), key + " does not exist");
    Files.createDirectory(key);
    refused(files(false), key + " is not a file");
    Files.delete(key);
    ecdsa();
    Files.delete(chain);
    refused(files(false), chain + " does not exist");
  }

  @Test
  void neitherKeysNorCertificatesAreTakenInPart() throws Exception {
    ecdsa();
    String whole = Files.readString(chain);
    Files.writeString(chain, whole.substring(0, whole.length() - 40));
    refused(files(false), chain + " ends within a PEM block");
    Files.writeString(chain, whole);
    String wholeKey = Files.readString(key);
    Files.writeString(key, wholeKey.substring(0, wholeKey.length() - 40));
    refused(files(false), key + " ends within a PEM block");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "DSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY"
      })
  void aDamagedKeyIsNeverQuoted(String label) throws Exception {
    ecdsa();
    String secret = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    Files.writeString(
        key, "-----BEGIN " + label + "-----\n" + secret + "\n-----END " + label + "-----\n");
    assertThatThrownBy(() -> CertificateReader.read(files(true)))
        .isInstanceOf(CertificateException.class)
        .hasMessageStartingWith(key.toString())
        .satisfies(
            e -> {
              for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain(secret.substring(0, 10));
              }
            });
  }

  @Test
  void severalKeysAreSaid() throws Exception {
    ecdsa();
    Files.writeString(key, Files.readString(key) + Files.readString(key));
    refused(files(false), "holds 2 private keys");
  }

  @Test
  void derIsTold() throws Exception {
    Issued issued = ecdsa();
    Files.write(chain, issued.leaf().getCertificate().getEncoded());
    refused(files(false), "seems to be DER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-legacy", "-certpbe AES-256-CBC -keypbe AES-256-CBC"})
  void readsPkcs12AsOpensslWritesIt(String options) throws Exception {
    Files.writeString(password, "open sesame\n");
    Issued issued = ecdsa();
    openssl(
        "pkcs12 -export -inkey KEY -in CHAIN -passout PW -out OUT"
            + (options.isEmpty() ? "" : " " + options));
    KeyMaterial read =
        CertificateReader.read(new CertificateFiles.Pkcs12(out(), Optional.of(password)));
    assertThat(read.chain()).isEqualTo(issued.shown());
    assertThat(KeyMatch.matches(issued.leaf().getCertificate().getPublicKey(), read.key()))
        .isTrue();
  }

  @Test
  void readsPkcs12WithoutAPassword() throws Exception {
    Issued issued = ecdsa();
    openssl("pkcs12 -export -inkey KEY -in CHAIN -passout pass: -out OUT");
    assertThat(CertificateReader.read(new CertificateFiles.Pkcs12(out(), Optional.empty())).chain())
        .isEqualTo(issued.shown());
  }

  @Test
  void aPkcs12FileThatCannotBeOpenedIsSaid() throws Exception {
    ecdsa();
    openssl("pkcs12 -export -inkey KEY -in CHAIN -passout PW -out OUT");
    refused(
        new CertificateFiles.Pkcs12(out(), Optional.empty()),
        out() + " cannot be read: is it PKCS#12? If it has a password");
    Files.writeString(password, "another");
    refused(
        new CertificateFiles.Pkcs12(out(), Optional.of(password)),
        "is it PKCS#12, and " + password + " the file with its password?");
    Files.writeString(out(), "no store");
    refused(new CertificateFiles.Pkcs12(out(), Optional.of(password)), "is it PKCS#12");
  }

  @Test
  void aPkcs12FileWithSeveralKeysNamesThem() throws Exception {
    KeyStore store = store();
    for (String alias : new String[] {"one", "two"}) {
      X509Bundle bundle = Issued.of(Issued.server()).leaf();
      store.setKeyEntry(
          alias,
          bundle.getKeyPair().getPrivate(),
          PASSWORD.toCharArray(),
          bundle.getCertificatePath());
    }
    save(store);
    refused(
        new CertificateFiles.Pkcs12(out(), Optional.of(password)),
        "holds 2 private keys (one, two): export one");
  }

  @Test
  void aPkcs12FileWithoutAKeyIsSaid() throws Exception {
    KeyStore store = store();
    Certificate certificate = Issued.of(Issued.server()).leaf().getCertificate();
    store.setCertificateEntry("ca", certificate);
    save(store);
    refused(
        new CertificateFiles.Pkcs12(out(), Optional.of(password)), "holds no private key: export");
  }

  @Test
  void namesComeFromTheAlternativeNamesAndElseFromTheCommonName() throws Exception {
    X509Certificate named =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=other.example.org")
            .addSanDnsName("Mail.Example.org")
            .addSanDnsName("imap.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned()
            .getCertificate();
    assertThat(CertificateNames.of(named)).containsExactly("mail.example.org", "imap.example.org");
    X509Certificate common =
        new CertificateBuilder()
            .ecp256()
            .subject("O=Example, CN=Mail.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned()
            .getCertificate();
    assertThat(CertificateNames.of(common)).containsExactly("mail.example.org");
    assertThat(CertificateNames.alternative(common)).isEmpty();
  }

  private static KeyStore store() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private void save(KeyStore store) throws Exception {
    try (var stream = Files.newOutputStream(out())) {
      store.store(stream, PASSWORD.toCharArray());
    }
  }

  private static String refused(CertificateFiles files, String why) {
    try {
      CertificateReader.read(files);
    } catch (CertificateException e) {
      assertThat(e).hasMessageContaining(why);
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("read, though it should be refused: " + why);
  }
}
