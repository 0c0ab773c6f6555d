package dev.postern.deploy.process;

import dev.postern.core.server.Protocols;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;

/**
 * What a process is given from outside.
 *
 * @param protocols the protocols there are
 * @param standardOutput takes the audit log where the configuration says so
 * @param clock tells the time of events, and what has expired
 * @param watchInterval time between two looks at the configuration's files; zero: never look
 */
public record Surroundings(
    Protocols protocols, OutputStream standardOutput, Clock clock, Duration watchInterval) {}
