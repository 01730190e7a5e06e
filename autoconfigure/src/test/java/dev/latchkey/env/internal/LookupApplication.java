package dev.latchkey.env.internal;

import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.PropertySource;

/** A Spring Boot application whose secrets are in memory. */
final class LookupApplication {

  private final RecordingSecretSource secrets;
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private final List<PropertySource<?>> sources = new ArrayList<>();
  private final SpringApplication application;

  LookupApplication(RecordingSecretSource secrets, Class<?>... configurations) {
    this.secrets = secrets;
    application = new SpringApplication(configurations);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setLogStartupInfo(false);
    application.setRegisterShutdownHook(false);
    application.addBootstrapRegistryInitializer(
        registry -> registry.register(Backend.class, InstanceSupplier.from(this::backend)));
    application.addListeners(new AddSources());
  }

  LookupApplication with(String property, Object value) {
    properties.put(property, value);
    return this;
  }

  /** Adds a property source with the highest precedence, before properties are read. */
  LookupApplication with(PropertySource<?> source) {
    sources.add(source);
    return this;
  }

  SpringApplication application() {
    return application;
  }

  ConfigurableApplicationContext run(String... arguments) {
    return application.run(arguments);
  }

  private Backend backend() {
    return new Backend(
        "memory",
        false,
        new MemoryKeysetStore(Clock.systemUTC()),
        new MemoryKeysetStore(Clock.systemUTC()),
        new MemoryKeysetStore(Clock.systemUTC()),
        new MemoryKeyEncryptionKeys(),
        KeysetErasure.nothingLeft(),
        secrets,
        StorePolicies.NONE,
        () -> {});
  }

  private final class AddSources
      implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
      event
          .getEnvironment()
          .getPropertySources()
          .addFirst(new OriginTrackedMapPropertySource("test", properties, true));
      sources.forEach(event.getEnvironment().getPropertySources()::addFirst);
    }

    @Override
    public int getOrder() {
      return HIGHEST_PRECEDENCE;
    }
  }
}
