package dev.latchkey.autoconfigure.key;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class KeysetAutoConfigurationTests {

  private static final MemoryKeyEncryptionKeys KEYS = new MemoryKeyEncryptionKeys();

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
          .withPropertyValues("latchkey.store.type=memory");

  @Test
  void opensEveryKeysetWhenTheContextStarts() {
    runner
        .withPropertyValues(
            "spring.application.name=shop",
            "latchkey.keysets.orders.template=AES256_GCM",
            "latchkey.keysets.order-data.template=AES256_SIV",
            "latchkey.keysets.order-data.rotation.period=30d")
        .run(
            context -> {
              KeysetRegistry registry = context.getBean(KeysetRegistry.class);
              assertThat(registry.names()).containsExactlyInAnyOrder("orders", "order-data");
              assertThat(registry.snapshot("orders").metadata().owner()).isEqualTo("shop");
              assertThat(registry.primitive("orders", Aead.class)).isNotNull();
              RotationStatus rotation = context.getBean(RotationStatus.class);
              assertThat(rotation.store()).hasValue("memory");
              assertThat(rotation.freshness().orElseThrow().state())
                  .isEqualTo(Freshness.State.PROVEN);
              assertThat(rotation.keyset("order")).isEmpty();
              var status = rotation.keysets();
              assertThat(status.get("orders").policy().period()).isEqualTo(Duration.ofDays(90));
              assertThat(status.get("order-data").policy().period()).isEqualTo(Duration.ofDays(30));
            });
  }

  @Test
  void opensNoStoreWhenThereIsNoKeyset() {
    runner.run(
        context -> {
          assertThat(context.getBean(KeysetRegistry.class).names()).isEmpty();
          RotationStatus rotation = context.getBean(RotationStatus.class);
          assertThat(rotation.store()).isEmpty();
          assertThat(rotation.freshness()).isEmpty();
          assertThat(rotation.keysets()).isEmpty();
          ConfigurableListableBeanFactory beans =
              context.getSourceApplicationContext().getBeanFactory();
          assertThat(beans.containsSingleton("latchkeyBackend")).isFalse();
        });
  }

  @Test
  void isAbsentWhenDisabled() {
    runner
        .withPropertyValues("latchkey.enabled=false", "latchkey.keysets.orders.template=AES256_GCM")
        .run(context -> assertThat(context).doesNotHaveBean(KeysetRegistry.class));
  }

  @Test
  void namesThePropertyWhenATemplateIsMissingOrUnknown() {
    runner
        .withPropertyValues("latchkey.keysets.orders.rotation.period=90d")
        .run(
            context ->
                assertThat(failure(context))
                    .hasMessage("latchkey.keysets.orders.template is not set"));
    runner
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GMC")
        .run(
            context ->
                assertThat(failure(context))
                    .hasMessage(
                        "latchkey.keysets.orders.template: There is no key template 'AES256_GMC'")
                    .extracting(LatchkeyException::action)
                    .isEqualTo("Did you mean 'AES256_GCM'?"));
  }

  @Test
  void failsWhenTheGenerationIsOlderThanTheMinimum() {
    MemoryKeysetStore store = new MemoryKeysetStore(Clock.systemUTC());
    ApplicationContextRunner onStore =
        runner
            .withBean(Backend.class, () -> backend(store))
            .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM");
    onStore
        .withPropertyValues("latchkey.keysets.orders.minimum-generation=2")
        .run(
            context -> {
              assertThat(failure(context)).hasMessageContaining("does not exist");
              assertThat(store.load(new KeysetId("application", "orders"))).isEmpty();
            });
    onStore.run(context -> assertThat(context).hasNotFailed());
    onStore
        .withPropertyValues("latchkey.keysets.orders.minimum-generation=1")
        .run(context -> assertThat(context).hasNotFailed());

    onStore
        .withPropertyValues("latchkey.keysets.orders.minimum-generation=2")
        .run(
            context ->
                assertThat(failure(context))
                    .hasMessage(
                        "Keyset orders has generation 1, but"
                            + " latchkey.keysets.orders.minimum-generation is 2"));
  }

  @Test
  void ownsKeysetsByAnotherNameThanTheApplications() {
    runner
        .withPropertyValues(
            "spring.application.name=our shop 2.0",
            "latchkey.owner=shop",
            "latchkey.keysets.orders.template=AES256_GCM")
        .run(
            context ->
                assertThat(
                        context.getBean(KeysetRegistry.class).snapshot("orders").metadata().owner())
                    .isEqualTo("shop"));
  }

  @Test
  void failsWhenTheApplicationNameCannotBePartOfAPath() {
    runner
        .withPropertyValues(
            "spring.application.name=our shop", "latchkey.keysets.orders.template=AES256_GCM")
        .run(
            context ->
                assertThat(failure(context))
                    .hasMessage(
                        "spring.application.name: 'our shop' is not a valid owner of keysets"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "latchkey.refresh.interval=0s",
        "latchkey.refresh.interval=999us",
        "latchkey.refresh.interval=-1s",
        "latchkey.rotation.max-staleness=-1s",
        "latchkey.rotation.drain=-1s",
        "latchkey.rotation.clock-skew=-1s",
        "latchkey.rotation.backup-interval=-1s"
      })
  void namesThePropertyWhenADurationIsInvalid(String property) {
    runner
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM", property)
        .run(
            context ->
                assertThat(failure(context))
                    .hasMessageStartingWith(
                        "Invalid " + property.substring(0, property.indexOf('=')) + " '"));
  }

  @Test
  void createsNoStoreWhenAKeysetIsInvalidOnAnyStore(@TempDir Path directory) {
    Path store = directory.resolve("store");
    runner
        .withPropertyValues(
            "latchkey.store.type=file",
            "latchkey.store.file.directory=" + store,
            "latchkey.store.file.key=" + directory.resolve("key"),
            "spring.application.name=our shop",
            "latchkey.keysets.orders.template=AES256_GCM")
        .run(
            context -> {
              assertThat(failure(context)).hasMessageContaining("'our shop'");
              assertThat(directory).isEmptyDirectory();
            });
  }

  @Test
  void stopsItsThreadWhenTheContextCloses() {
    runner
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM")
        .run(
            context -> {
              RefreshSchedule schedule = context.getBean(RefreshSchedule.class);
              assertThat(schedule.isRunning()).isTrue();
              context.getSourceApplicationContext().close();
              assertThat(schedule.isRunning()).isFalse();
            });
  }

  private static LatchkeyException failure(
      org.springframework.boot.test.context.assertj.AssertableApplicationContext context) {
    Throwable cause = context.getStartupFailure();
    while (cause != null && !(cause instanceof LatchkeyException)) {
      cause = cause.getCause();
    }
    assertThat(cause).isInstanceOf(LatchkeyException.class);
    return (LatchkeyException) cause;
  }

  private static Backend backend(MemoryKeysetStore keysets) {
    return new Backend(
        "memory",
        false,
        keysets,
        new MemoryKeysetStore(Clock.systemUTC()),
        new MemoryKeysetStore(Clock.systemUTC()),
        KEYS,
        KeysetErasure.nothingLeft(),
        new MemorySecretSource(),
        StorePolicies.NONE,
        () -> {});
  }
}
