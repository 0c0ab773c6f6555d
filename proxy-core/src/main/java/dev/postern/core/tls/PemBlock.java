package dev.postern.core.tls;

import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * One block of a PEM file (RFC 7468 §2). What stands between blocks is for people and is passed
 * over.
 *
 * @param label what it holds: {@code CERTIFICATE}, {@code PRIVATE KEY}
 * @param content everything between the two boundaries
 */
record PemBlock(String label, String content) {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  /**
   * Finds all blocks of a text.
   *
   * @throws CertificateException when the last one does not end, as in a file that is still being
   *     written; the message is a sentence without its subject
   */
  static List<PemBlock> of(String text) throws CertificateException {
    List<PemBlock> blocks = new ArrayList<>();
    int begin = text.indexOf(BEGIN);
    while (begin >= 0) {
      int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
      String label = labelEnd < 0 ? "" : text.substring(begin + BEGIN.length(), labelEnd);
      String boundary = END + label + DASHES;
      int end = labelEnd < 0 ? -1 : text.indexOf(boundary, labelEnd + DASHES.length());
      if (end < 0) {
        throw new CertificateException("ends within a PEM block: write it anew, to its END line");
      }
      blocks.add(new PemBlock(label, text.substring(labelEnd + DASHES.length(), end)));
      begin = text.indexOf(BEGIN, end + boundary.length());
    }
    return blocks;
  }

  /**
   * Decodes the content.
   *
   * @throws IllegalArgumentException when it is not base64
   */
  byte[] decoded() {
    return Base64.getMimeDecoder().decode(content);
  }

  /** Returns the block as it stood in its file. */
  String encoded() {
    return BEGIN + label + DASHES + content + END + label + DASHES + "\n";
  }

  /** Never shows the content, which may be a key. */
  @Override
  public String toString() {
    return "PemBlock[" + label + "]";
  }
}
