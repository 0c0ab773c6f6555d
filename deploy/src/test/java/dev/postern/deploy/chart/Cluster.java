package dev.postern.deploy.chart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;

/**
 * What is in the cluster before the chart is installed: Secrets. Mounts a pod's volumes below a
 * folder as the kubelet mounts them at the root.
 */
final class Cluster {
  private static final String PASSWORD = "correct horse";

  private final Map<String, Map<String, byte[]>> secrets = new HashMap<>();

  /** Fills the Secrets that the files of values name. */
  Cluster() throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=test authority")
            .setIsCertificateAuthority(true)
            .setKeyUsage(
                true, CertificateBuilder.KeyUsage.keyCertSign, CertificateBuilder.KeyUsage.cRLSign)
            .buildSelfSigned();
    X509Bundle ecdsa = issue(authority, new CertificateBuilder().ecp256());
    X509Bundle rsa = issue(authority, new CertificateBuilder().rsa2048());
    secrets.put("mail-tls", tls(ecdsa));
    secrets.put("mail-postern-tls-ecdsa", tls(ecdsa));
    secrets.put("mail-postern-tls-rsa", tls(rsa));
    secrets.put(
        "encrypted-tls",
        Map.of(
            "chain.pem", ecdsa.getCertificatePathPEM().getBytes(UTF_8),
            "key.pem", encrypted(ecdsa),
            "password", PASSWORD.getBytes(UTF_8)));
    secrets.put(
        "old-tls", Map.of("keystore.p12", pkcs12(rsa), "password", PASSWORD.getBytes(UTF_8)));
    secrets.put("dovecot-master", Map.of("password", PASSWORD.getBytes(UTF_8)));
    secrets.put(
        "client-authorities", Map.of("ca.pem", authority.getCertificatePEM().getBytes(UTF_8)));
    Map<String, byte[]> keys = new HashMap<>();
    for (String name : List.of("current", "previous", "next")) {
      byte[] key = new byte[48];
      key[0] = (byte) name.charAt(0);
      keys.put(name, key);
    }
    secrets.put("ticket-keys", keys);
  }

  private static X509Bundle issue(X509Bundle authority, CertificateBuilder builder)
      throws Exception {
    return builder
        .subject("CN=mail.example.org")
        .notAfter(Instant.now().plus(90, ChronoUnit.DAYS))
        .addSanDnsName("mail.example.org")
        .addSanDnsName("imap.example.org")
        .addSanDnsName("mail.example.net")
        .addSanDnsName("mail-postern.post.svc.cluster.local")
        .addExtendedKeyUsageServerAuth()
        .setKeyUsage(
            true,
            CertificateBuilder.KeyUsage.digitalSignature,
            CertificateBuilder.KeyUsage.keyEncipherment)
        .buildIssuedBy(authority);
  }

  private static Map<String, byte[]> tls(X509Bundle bundle) {
    return Map.of(
        "tls.crt", bundle.getCertificatePathPEM().getBytes(UTF_8),
        "tls.key", bundle.getPrivateKeyPEM().getBytes(UTF_8));
  }

  private static byte[] encrypted(X509Bundle bundle) throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(
          new JcaPKCS8Generator(
              bundle.getKeyPair().getPrivate(),
              new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                  .setProvider(new BouncyCastleProvider())
                  .setPassword(PASSWORD.toCharArray())
                  .build()));
    }
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] pkcs12(X509Bundle bundle) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "mail",
        bundle.getKeyPair().getPrivate(),
        PASSWORD.toCharArray(),
        bundle.getCertificatePath());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    store.store(out, PASSWORD.toCharArray());
    return out.toByteArray();
  }

  /** Returns the volumes of a pod by the path at which its container has them. */
  static Map<String, JsonNode> mounts(JsonNode pod, JsonNode container) {
    Map<String, JsonNode> volumes = new HashMap<>();
    pod.path("volumes").forEach(volume -> volumes.put(volume.path("name").asText(), volume));
    Map<String, JsonNode> mounts = new TreeMap<>();
    for (JsonNode mount : container.path("volumeMounts")) {
      JsonNode volume = volumes.get(mount.path("name").asText());
      if (volume == null) {
        throw new AssertionError("no volume for " + mount);
      }
      if (mounts.put(mount.path("mountPath").asText(), volume) != null) {
        throw new AssertionError("two volumes at " + mount);
      }
    }
    return mounts;
  }

  /** Mounts what a container has; returns the folder that stands for the root. */
  Path mount(Path root, Rendering rendering, Map<String, JsonNode> mounts) throws IOException {
    for (Map.Entry<String, JsonNode> mount : mounts.entrySet()) {
      Path folder = Files.createDirectories(Path.of(root + mount.getKey()));
      JsonNode volume = mount.getValue();
      Map<String, byte[]> files = new TreeMap<>();
      if (volume.has("configMap")) {
        Manifest.strings(
                rendering.one("ConfigMap", volume.at("/configMap/name").asText()).at("/data"))
            .forEach((name, text) -> files.put(name, text.getBytes(UTF_8)));
      } else if (volume.has("secret")) {
        files.putAll(secret(rendering, volume.at("/secret/secretName").asText()));
      }
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Path written = Files.write(folder.resolve(file.getKey()), file.getValue());
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("r--r-----"));
      }
    }
    return root;
  }

  private Map<String, byte[]> secret(Rendering rendering, String name) {
    Map<String, byte[]> there = secrets.get(name);
    if (there != null) {
      return there;
    }
    Map<String, byte[]> made = new TreeMap<>();
    Manifest.strings(rendering.one("Secret", name).at("/data"))
        .forEach((key, value) -> made.put(key, Base64.getDecoder().decode(value)));
    return made;
  }
}
