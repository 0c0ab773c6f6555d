/**
 * What operators do with certificates before Postern reads them: make one to try things out, ask an
 * authority for one, look into one. Writes files by {@link dev.postern.deploy.certificate.NewFiles}
 * and asks servers by {@link dev.postern.deploy.certificate.ShownChain}, and does nothing else
 * outside; knows no command line.
 */
@NullMarked
package dev.postern.deploy.certificate;

import org.jspecify.annotations.NullMarked;
