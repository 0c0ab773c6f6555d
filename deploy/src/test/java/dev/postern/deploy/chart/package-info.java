/**
 * The Helm chart, judged without a cluster: by Helm itself, by Kubernetes' own types, and by what
 * Postern says of the configuration that it would find in its pod.
 */
@NullMarked
package dev.postern.deploy.chart;

import org.jspecify.annotations.NullMarked;
