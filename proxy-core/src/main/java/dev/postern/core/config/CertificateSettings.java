package dev.postern.core.config;

import java.nio.file.Path;

/**
 * A certificate and its key.
 *
 * @param name what listeners call it
 * @param chain PEM file: the certificate, then its issuers
 * @param key PEM file with the private key
 */
public record CertificateSettings(String name, Path chain, Path key) {}
