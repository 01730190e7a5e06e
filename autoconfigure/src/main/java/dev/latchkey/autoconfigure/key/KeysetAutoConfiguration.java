package dev.latchkey.autoconfigure.key;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.autoconfigure.internal.RefreshProperties;
import dev.latchkey.autoconfigure.internal.SharedConfiguration;
import dev.latchkey.autoconfigure.internal.StoreUse;
import dev.latchkey.autoconfigure.key.internal.ServedJwkSets;
import dev.latchkey.autoconfigure.key.internal.imports.ImportFrom;
import dev.latchkey.autoconfigure.key.internal.imports.KeysetImports;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.document.internal.UsageTotals;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration of keysets: opens them during startup, and follows them while the application
 * runs.
 *
 * @since 0.1
 */
// secrets first, by name only: keysets know nothing of secrets
@AutoConfiguration(afterName = "dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration")
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@EnableConfigurationProperties(KeysetProperties.class)
@Import(SharedConfiguration.class)
public final class KeysetAutoConfiguration {

  private static final Logger logger = LoggerFactory.getLogger(KeysetAutoConfiguration.class);

  private static final int CONNECTIONS = 16;

  @Bean
  RotationService latchkeyRotationService(
      KeysetProperties properties,
      RefreshProperties refresh,
      ObjectProvider<Backend> backend,
      ObjectProvider<StoreUse> storeUse,
      ConfigurableEnvironment environment,
      BeanFactory beans,
      EventRelay events) {
    if (properties.keysets().isEmpty()) {
      return new RotationService(
          new KeysetRegistry(Map.of()),
          List.of(),
          () ->
              storeUse.stream().anyMatch(StoreUse::usesStore) ? backend.getObject().type() : null);
    }
    String applicationName = environment.getProperty("spring.application.name");
    // refuse what no store accepts before one is opened, and perhaps created
    new KeysetDefinitions(properties, refresh.interval(), applicationName, false).all();
    Backend opened = backend.getObject();
    KeysetDefinitions definitions =
        new KeysetDefinitions(properties, refresh.interval(), applicationName, opened.shared());
    Map<String, ImportFrom> sources = definitions.imports();
    if (sources.isEmpty()) {
      return open(definitions.all(), opened, properties, events);
    }
    KeysetImports imports =
        new KeysetImports(
            sources,
            opened.keyEncryptionKeys(),
            beans,
            new StoreContext(environment, Clock.systemUTC(), null));
    RotationService rotation =
        open(definitions.all().stream().map(imports::add).toList(), opened, properties, events);
    imports.report(name -> rotation.find(name).orElseThrow().status().metadata());
    return rotation;
  }

  private static RotationService open(
      List<KeysetDefinition> definitions,
      Backend backend,
      KeysetProperties properties,
      EventRelay events) {
    Map<String, PrimitiveFamily> families = new LinkedHashMap<>();
    Map<String, KeysetAccess> access = new HashMap<>();
    for (KeysetDefinition each : definitions) {
      families.put(each.id().name(), each.template().family());
      access.put(each.id().name(), each.access());
    }
    KeysetRegistry registry = new KeysetRegistry(families, access);
    RotationService rotation =
        new RotationService(
            registry,
            definitions.stream()
                .map(
                    each ->
                        new Rotator(
                            each,
                            repository(backend, each.access()),
                            registry,
                            Clock.systemUTC(),
                            System::nanoTime,
                            properties.rotation().maxClockDifference(),
                            events))
                .toList(),
            backend::type);
    ExecutorService executor =
        Executors.newFixedThreadPool(CONNECTIONS, DaemonThreads.named("latchkey-open"));
    try {
      rotation.open(executor);
    } finally {
      executor.shutdownNow();
    }
    rotation
        .keysets()
        .forEach((name, status) -> opened(name, status, properties.keysets().get(name)));
    return rotation;
  }

  /** Logged, so that an operator can recognize an older generation later. */
  private static void opened(
      String name, KeysetStatus status, KeysetProperties.@Nullable Keyset keyset) {
    Long minimum = keyset == null ? null : keyset.minimumGeneration();
    if (minimum != null && status.generation() < minimum) {
      throw new LatchkeyException(
          "Keyset %s has generation %d, but latchkey.keysets.%s.minimum-generation is %d"
              .formatted(name, status.generation(), name, minimum),
          "An older document was restored: find out who changed the store, and restore the newest"
              + " one. Lower the property only if the store was restored from a backup on purpose.");
    }
    logger.info(
        "Keyset {}: generation {}, active key {}",
        name,
        status.generation(),
        status.metadata().active().id());
  }

  private static KeysetRepository repository(Backend backend, KeysetAccess access) {
    PublicHalves halves = new PublicHalves(backend.publicHalves());
    return switch (access) {
      case OWN ->
          new KeysetRepository(backend.keysets(), backend.keyEncryptionKeys())
              .countingIn(new UsageTotals(backend.counters()))
              .publishingIn(halves)
              .erasedBy(backend.erasure());
      case READ -> new KeysetRepository(backend.keysets(), backend.keyEncryptionKeys());
      case PUBLIC -> KeysetRepository.of(halves);
    };
  }

  @Bean
  ServedJwkSets latchkeyServedJwkSets(KeysetProperties properties) {
    return properties.servedJwkSets();
  }

  @Bean
  KeysetRegistry latchkeyKeysetRegistry(RotationService latchkeyRotationService) {
    return latchkeyRotationService.registry();
  }

  /** Every bean that counts references to keys is asked before a key is destroyed. */
  @Bean
  SmartInitializingSingleton latchkeyCensuses(
      RotationService latchkeyRotationService, ObjectProvider<KeyReferences> censuses) {
    return () ->
        censuses.stream()
            .forEach(
                census ->
                    latchkeyRotationService
                        .registry()
                        .names()
                        .forEach(name -> latchkeyRotationService.addReferences(name, census)));
  }

  @Bean
  RefreshSchedule latchkeyRefreshSchedule(
      RotationService latchkeyRotationService,
      Followers latchkeyFollowers,
      RefreshProperties refresh) {
    return new RefreshSchedule(latchkeyRotationService, latchkeyFollowers, refresh.interval());
  }
}
