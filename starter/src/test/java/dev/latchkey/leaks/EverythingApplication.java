package dev.latchkey.leaks;

import com.google.crypto.tink.Aead;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.secret.RotatingSecret;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jmx.export.annotation.ManagedAttribute;
import org.springframework.jmx.export.annotation.ManagedResource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Keysets, look-ups, secrets injected and bound, and a pool for each kind of credentials. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(EverythingApplication.Bound.class)
class EverythingApplication {

  /**
   * @param payments by its path
   * @param database by its name
   */
  @ConfigurationProperties("app.bound")
  record Bound(String password, RotatingSecret payments, RotatingSecret database) {

    @Override
    public String toString() {
      return payments + " " + database;
    }
  }

  @Bean(defaultCandidate = false)
  HikariDataSource reports(@Value("${spring.datasource.url}") String url) {
    HikariDataSource pool =
        DataSourceBuilder.create().type(HikariDataSource.class).url(url).build();
    pool.setConnectionTimeout(1000);
    pool.setMaximumPoolSize(2);
    pool.setRegisterMbeans(true);
    return pool;
  }

  @Bean
  Events events() {
    return new Events();
  }

  /** What uses all that can be injected, and can be made to fail. */
  @RestController
  static class Uses {

    @RotatingKey("orders")
    Aead aead;

    @RotatingKey("payments")
    RotatingSecret payments;

    @RotatingKey("orders-db")
    RotatingSecret leased;

    @RotatingKey("reports-db")
    RotatingSecret changed;

    final DataSource orders;
    private final Environment environment;

    Uses(DataSource orders, Environment environment) {
      this.orders = orders;
      this.environment = environment;
    }

    @GetMapping("/fail")
    String fail() {
      return environment.resolveRequiredPlaceholders("${app.indirect} ${vault@none/such#x}");
    }
  }

  /** All that is published, as text. */
  static class Events implements ApplicationListener<ApplicationEvent> {

    final List<String> seen = new CopyOnWriteArrayList<>();

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
      seen.add(
          event instanceof PayloadApplicationEvent<?> payload
              ? String.valueOf(payload.getPayload())
              : event.toString());
    }
  }

  /** Leaks one value wherever a value could leak: what the search does not find is not searched. */
  @RestController
  @ManagedResource("app:type=Leaking")
  public static class Leaking {

    private final String bait;

    Leaking(
        @Value("${app.bait}") String bait,
        MeterRegistry meters,
        ApplicationEventPublisher publisher) {
      this.bait = bait;
      LoggerFactory.getLogger(Leaking.class).trace("{}", bait);
      meters.counter("app.leaking", "bait", bait).increment();
      publisher.publishEvent(new PayloadApplicationEvent<>(this, bait));
      Thread thread = new Thread(this::leak, bait);
      thread.setDaemon(true);
      thread.start();
    }

    private synchronized void leak() {
      try {
        wait();
      } catch (InterruptedException ex) {
        Thread.currentThread().interrupt();
      }
    }

    @ManagedAttribute
    public String getBait() {
      return bait;
    }

    @GetMapping("/leak")
    String fails() {
      throw new IllegalStateException("outer", new IllegalStateException(bait));
    }

    @Override
    public String toString() {
      return bait;
    }
  }
}
