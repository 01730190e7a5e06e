package dev.latchkey.benchmarks;

import java.lang.management.ManagementFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Starts, prints how long that took since the JVM began, and ends. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StartUpApplication {

  static final String READY = "ready after ms: ";

  public static void main(String[] arguments) {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(StartUpApplication.class, arguments)) {
      long began = ManagementFactory.getRuntimeMXBean().getStartTime();
      System.out.println(READY + (System.currentTimeMillis() - began));
    }
  }
}
