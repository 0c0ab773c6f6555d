/**
 * What operators do with certificates before Postern reads them: make one to try things out, ask an
 * authority for one, look into one. Reads and writes no files but by {@link
 * dev.postern.deploy.certificate.NewFiles}; knows no command line.
 */
@NullMarked
package dev.postern.deploy.certificate;

import org.jspecify.annotations.NullMarked;
