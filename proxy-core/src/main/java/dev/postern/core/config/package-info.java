/**
 * The configuration file: YAML into records, with every mistake found at once, each with its path,
 * its line and what to write instead. Reading is pure; {@link
 * dev.postern.core.config.ConfigurationChecks} alone looks at the files that are named. The records
 * hold no compiled TLS and know no protocol: what services exist is told by those who provide them.
 */
@NullMarked
package dev.postern.core.config;

import org.jspecify.annotations.NullMarked;
