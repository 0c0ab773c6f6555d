package dev.postern.core.tls;

import java.math.BigInteger;
import java.security.Principal;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Set;

/** Octets that an engine passes on as a certificate, before anybody has parsed them. */
@SuppressWarnings("deprecation") // the class to extend has two such methods
final class RawCertificate extends X509Certificate {
  private static final long serialVersionUID = 1L;

  private final byte[] octets;

  RawCertificate(byte[] octets) {
    this.octets = octets;
  }

  @Override
  public byte[] getEncoded() {
    return octets.clone();
  }

  @Override
  public void checkValidity() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public void checkValidity(Date date) {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public int getVersion() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public BigInteger getSerialNumber() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Principal getIssuerDN() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Principal getSubjectDN() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Date getNotBefore() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Date getNotAfter() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public byte[] getTBSCertificate() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public byte[] getSignature() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public String getSigAlgName() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public String getSigAlgOID() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public byte[] getSigAlgParams() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public boolean[] getIssuerUniqueID() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public boolean[] getSubjectUniqueID() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public boolean[] getKeyUsage() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public int getBasicConstraints() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public void verify(PublicKey key) {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public void verify(PublicKey key, String sigProvider) {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public String toString() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public PublicKey getPublicKey() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public boolean hasUnsupportedCriticalExtension() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Set<String> getCriticalExtensionOIDs() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public Set<String> getNonCriticalExtensionOIDs() {
    throw new IllegalArgumentException("not parsed");
  }

  @Override
  public byte[] getExtensionValue(String oid) {
    throw new IllegalArgumentException("not parsed");
  }
}
