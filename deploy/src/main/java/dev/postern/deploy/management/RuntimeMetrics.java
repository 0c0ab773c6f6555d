package dev.postern.deploy.management;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.util.List;

/**
 * Metrics of the process: memory, garbage collection, threads, processor, open files, network
 * buffers. All are read when they are scraped; between scrapes they cost nothing but a listener for
 * collections.
 */
public final class RuntimeMetrics implements MeterBinder, AutoCloseable {
  private final String version;
  private final ByteBufAllocator allocator;
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /**
   * Makes them.
   *
   * @param version of Postern
   * @param allocator the one that the channels use
   */
  public RuntimeMetrics(String version, ByteBufAllocator allocator) {
    this.version = version;
    this.allocator = allocator;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    List.of(
            collections,
            new JvmInfoMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            new FileDescriptorMetrics())
        .forEach(binder -> binder.bindTo(registry));
    Gauge.builder("postern.build.info", () -> 1)
        .description("The version that runs")
        .tag("version", version)
        .register(registry);
    if (allocator instanceof ByteBufAllocatorMetricProvider provider) {
      buffers(provider.metric(), registry);
    }
  }

  @Override
  public void close() {
    collections.close();
  }

  private static void buffers(ByteBufAllocatorMetric metric, MeterRegistry registry) {
    Gauge.builder("postern.network.buffers", metric, ByteBufAllocatorMetric::usedDirectMemory)
        .description("Memory held for network buffers, whether in use or kept for the next")
        .baseUnit("bytes")
        .tag("memory", "direct")
        .register(registry);
    Gauge.builder("postern.network.buffers", metric, ByteBufAllocatorMetric::usedHeapMemory)
        .description("Memory held for network buffers, whether in use or kept for the next")
        .baseUnit("bytes")
        .tag("memory", "heap")
        .register(registry);
  }
}
