package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.ServedJwkSets;
import dev.latchkey.follow.Followers;
import dev.latchkey.keyset.KeysetAccess;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.keyset.KeysetRepository;
import dev.latchkey.keyset.PrimitiveFamily;
import dev.latchkey.keyset.PublicHalves;
import dev.latchkey.keyset.UsageTotals;
import dev.latchkey.rotation.KeyCensus;
import dev.latchkey.rotation.KeysetDefinition;
import dev.latchkey.rotation.RotationService;
import dev.latchkey.rotation.Rotator;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration of keysets: opens them while the context starts, and follows them while it
 * runs.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LatchkeyProperties.class)
public final class LatchkeyAutoConfiguration {

  private static final int CONNECTIONS = 16;

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Backend latchkeyBackend(
      ObjectProvider<BackendHolder> holder, ConfigurableEnvironment environment) {
    return holder.getIfAvailable(() -> new BackendHolder(environment)).get();
  }

  /**
   * Its threads end when there is nothing to follow, so closing the beans that use it is enough.
   */
  @Bean(destroyMethod = "")
  Followers latchkeyFollowers(ObjectProvider<BackendHolder> holder) {
    return holder.stream()
        .findFirst()
        .map(BackendHolder::followers)
        .orElseGet(() -> new Followers(Clock.systemUTC()));
  }

  @Bean
  EventRelay latchkeyEventRelay(ApplicationEventPublisher publisher) {
    return new EventRelay(publisher);
  }

  @Bean
  RotationService latchkeyRotationService(
      LatchkeyProperties properties,
      ObjectProvider<Backend> backend,
      ObjectProvider<RotatingSecrets> secrets,
      ConfigurableEnvironment environment,
      BeanFactory beans,
      EventRelay events) {
    if (properties.keysets().isEmpty()) {
      return new RotationService(
          new KeysetRegistry(Map.of()),
          List.of(),
          () -> holdsAny(secrets.getIfAvailable()) ? backend.getObject().type() : null);
    }
    String applicationName = environment.getProperty("spring.application.name");
    // what is wrong on any store is told before one is opened, and perhaps made
    new KeysetDefinitions(properties, applicationName, false).all();
    KeysetImports imports =
        new KeysetImports(
            backend.getObject().keyEncryptionKeys(),
            beans,
            new StoreContext(environment, Clock.systemUTC(), null));
    RotationService rotation =
        rotation(properties, applicationName, backend.getObject(), imports, events);
    open(rotation);
    imports.tell(rotation);
    return rotation;
  }

  private static boolean holdsAny(@Nullable RotatingSecrets secrets) {
    return secrets != null && !secrets.status().isEmpty();
  }

  private static RotationService rotation(
      LatchkeyProperties properties,
      @Nullable String applicationName,
      Backend backend,
      KeysetImports imports,
      EventRelay events) {
    List<KeysetDefinition> definitions =
        new KeysetDefinitions(properties, applicationName, backend.shared())
            .all().stream()
                .map(
                    each ->
                        imports.applyTo(
                            each,
                            Objects.requireNonNull(properties.keysets().get(each.id().name()))))
                .toList();
    Map<String, PrimitiveFamily> families = new LinkedHashMap<>();
    Map<String, KeysetAccess> access = new HashMap<>();
    for (KeysetDefinition each : definitions) {
      families.put(each.id().name(), each.template().family());
      access.put(each.id().name(), each.access());
    }
    KeysetRegistry registry = new KeysetRegistry(families, access);
    return new RotationService(
        registry,
        definitions.stream()
            .map(
                each ->
                    new Rotator(
                        each,
                        repository(backend, each.access()),
                        registry,
                        Clock.systemUTC(),
                        events))
            .toList(),
        backend::type);
  }

  private static KeysetRepository repository(Backend backend, KeysetAccess access) {
    PublicHalves halves = new PublicHalves(backend.publicHalves());
    return switch (access) {
      case OWN ->
          new KeysetRepository(
                  backend.keysets(),
                  backend.keyEncryptionKeys(),
                  new UsageTotals(backend.counters()),
                  halves)
              .erasedBy(backend.erasure());
      case READ -> new KeysetRepository(backend.keysets(), backend.keyEncryptionKeys());
      case PUBLIC -> KeysetRepository.of(halves);
    };
  }

  private static void open(RotationService rotation) {
    ExecutorService executor =
        Executors.newFixedThreadPool(CONNECTIONS, DaemonThreads.named("latchkey-open"));
    try {
      rotation.open(executor);
    } finally {
      executor.shutdownNow();
    }
  }

  @Bean
  ServedJwkSets latchkeyServedJwkSets(LatchkeyProperties properties) {
    return properties.servedJwkSets();
  }

  @Bean
  KeysetRegistry latchkeyKeysetRegistry(RotationService latchkeyRotationService) {
    return latchkeyRotationService.registry();
  }

  /** Everyone who counts what is under keys is asked before one is destroyed. */
  @Bean
  SmartInitializingSingleton latchkeyCensuses(
      RotationService latchkeyRotationService, ObjectProvider<KeyCensus> censuses) {
    return () ->
        censuses.stream()
            .forEach(
                census ->
                    latchkeyRotationService
                        .registry()
                        .names()
                        .forEach(name -> latchkeyRotationService.addCensus(name, census)));
  }

  @Bean
  RefreshSchedule latchkeyRefreshSchedule(
      RotationService latchkeyRotationService,
      Followers latchkeyFollowers,
      LatchkeyProperties properties) {
    return new RefreshSchedule(
        latchkeyRotationService, latchkeyFollowers, properties.refresh().interval());
  }
}
