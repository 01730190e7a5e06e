package dev.latchkey.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Starts, prints the time since the start of the JVM and the memory and threads in use, and exits.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StartUpApplication {

  static final String READY = "ready after ms, heap, other memory, threads: ";

  public static void main(String[] arguments) {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(StartUpApplication.class, arguments)) {
      long time = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
      MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
      memory.gc();
      System.out.printf(
          "%s%d %d %d %d%n",
          READY,
          time,
          memory.getHeapMemoryUsage().getUsed() / 1024,
          memory.getNonHeapMemoryUsage().getUsed() / 1024,
          ManagementFactory.getThreadMXBean().getThreadCount());
    }
  }
}
